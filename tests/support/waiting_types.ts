/** What the model of waiting for locks is made of. */
import type { Ending } from "../../lib/state/locks/event_log.ts";
import type { HoldMode } from "../../lib/state/locks/lease.ts";
import type { AcquireRequest, WaitListener } from "../../lib/state/locks/lock_request.ts";

/** A session, or what is kept for one that has ended. */
export interface Party {
  readonly owner: number;
  readonly absent?: { readonly how: "closed" | "lost"; readonly secret: string };
}

export interface ModelHolding {
  readonly name: string;
  readonly isShared: boolean;
  party: Party;
  mode: HoldMode;
  token: number;
  readonly sinceMs: number;
  why: string;
  leaseEndMs: number;
  graceMs: number;
  graceEndMs: number;
}

export interface ModelWaiter {
  readonly party: Party;
  readonly wish: AcquireRequest;
  readonly sinceMs: number;
  readonly endMs: number;
  readonly ear: WaitListener;
  /** Where it stands in the queue of each name. */
  readonly priorities: Map<string, number>;
}

export type ModelPrevious = { ending: Ending | "none"; owner: number | undefined };

/** What a waiter hears, or what who asks is told. */
export type ModelOutcome = Readonly<Record<string, unknown>>;

export function takesShared(mode: HoldMode): boolean {
  return mode === "shared" || mode === "read";
}
