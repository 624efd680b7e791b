/** What the benchmark and its helpers say to each other: orders and answers, each a line of JSON. */
import type { Place } from "../load/dial.ts";

/** To the prober: forget what was so far; wait for what is on its way, and report. */
export type ProberOrder = { readonly kind: "begin" } | { readonly kind: "end" };

/** To the holder. `port` is where the server takes what is to be said. */
export type HolderOrder =
  /** Has as many connections more, each with so many locks. */
  | { readonly kind: "hold"; readonly connections: number; readonly locksEach: number }
  /** Resets so many of them, and waits until no more locks are left than that. */
  | { readonly kind: "reset"; readonly count: number; readonly locksLeft: number }
  /** Says it once for each number up to `count`, in place of `#`, as the owner: one connection. */
  | { readonly kind: "say"; readonly port: number; readonly line: string; readonly count: number }
  /** Asks for a listing on a connection of its own, and reads it to its end: the reply to `last`. */
  | {
    readonly kind: "list";
    readonly port: number;
    readonly line: string;
    readonly last: string;
    readonly reply: string;
  }
  /** As many connections more say hello there; then they wait for one lock; */
  | { readonly kind: "greet"; readonly place: Place; readonly count: number }
  | { readonly kind: "join" }
  /** every other one is reset; and the rest is granted, one after the other. */
  | { readonly kind: "thin" }
  | { readonly kind: "drain" }
  /** The owner leaves; waits until `lock` is free, and until no more locks are left than that. */
  | { readonly kind: "leave"; readonly lock: string; readonly locksLeft: number };

export interface ResetAnswer {
  /** From the first reset on: until the last was done, and until the server counts them no more. */
  readonly closedMs: number;
  readonly freeMs: number;
}

export interface ListAnswer {
  readonly bytes: number;
  readonly ms: number;
}

export interface LeaveAnswer {
  /** From its leaving on: until a lock was found free, and until all were counted. */
  readonly freeMs: number;
  readonly countedMs: number;
}

/** From the first who asked on: until all stood in the queue. */
export interface JoinAnswer {
  readonly joinedMs: number;
}

/** From the first reset on: until the last was done, and until the queue was as short. */
export interface ThinAnswer {
  readonly closedMs: number;
  readonly goneMs: number;
}

/** From the release before the first grant on: until the last was read. */
export interface DrainAnswer {
  readonly drainedMs: number;
}

export interface Failure {
  readonly error: string;
}
