/** What the model of waiting for locks is made of. */
import type { Ending } from "../../lib/state/journal.ts";
import type { Mode } from "../../lib/state/terms.ts";
import type { Ear, Wish } from "../../lib/state/waiter.ts";

/** A session, or what is kept for one that has ended. */
export interface Party {
  readonly owner: number;
  readonly absent?: { readonly how: "closed" | "lost"; readonly secret: string };
}

export interface ModelHolding {
  readonly name: string;
  readonly isShared: boolean;
  party: Party;
  mode: Mode;
  token: number;
  readonly sinceMs: number;
  why: string;
  leaseEndMs: number;
  graceMs: number;
  graceEndMs: number;
}

export interface ModelWaiter {
  readonly party: Party;
  readonly wish: Wish;
  readonly sinceMs: number;
  readonly endMs: number;
  readonly ear: Ear;
  /** Where it stands in the queue of each name. */
  readonly priorities: Map<string, number>;
}

export type ModelPrevious = { ending: Ending | "none"; owner: number | undefined };

/** What a waiter hears, or what who asks is told. */
export type ModelOutcome = Readonly<Record<string, unknown>>;

export function takesShared(mode: Mode): boolean {
  return mode === "shared" || mode === "read";
}
