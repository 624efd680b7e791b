/** The records of the model of waiting for locks. */
import type { AcquireRequest, HoldMode } from "../../lib/state/locks/lock_request.ts";
import type { Ending, WaitListener } from "../../lib/state/locks/outcome.ts";

/** A session, or the absent holder of a session that has ended. */
export interface ModelParty {
  readonly owner: number;
  readonly absent?: { readonly ending: "closed" | "lost"; readonly secret: string };
}

export interface ModelHold {
  readonly name: string;
  readonly isShared: boolean;
  party: ModelParty;
  mode: HoldMode;
  token: number;
  readonly sinceMs: number;
  why: string;
  leaseEndMs: number;
  graceMs: number;
  graceEndMs: number;
}

export interface ModelWaiter {
  readonly party: ModelParty;
  readonly request: AcquireRequest;
  readonly sinceMs: number;
  readonly endMs: number;
  readonly listener: WaitListener;
  /** Its priority in the queue of each name. */
  readonly priorities: Map<string, number>;
}

export type ModelPrevious = { ending: Ending | "none"; owner: number | undefined };

/** The outcome of a request or of a wait. */
export type ModelOutcome = Readonly<Record<string, unknown>>;

export function takesShared(mode: HoldMode): boolean {
  return mode === "shared" || mode === "read";
}
