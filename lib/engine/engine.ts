/**
 * The interface to the state. The state changes only through an engine.
 *
 * A caller names a slice of the state and passes a rule of `state/`. The engine in memory runs the
 * rule at once on the live state and returns its outcome as it is: no promise, no copy. An engine
 * for a cluster would load the slice, run the same rule, and commit what the rule wrote if nothing
 * that the rule read has changed in the meantime; otherwise it would run the rule again. It would
 * return a promise of the outcome. A rule is written the same way for both engines.
 */
import type { TimeSource } from "../clock.ts";
import type { Departure, LeaveOptions } from "../state/locks/departure.ts";
import type { LockEvent } from "../state/locks/event_log.ts";
import type { Owner } from "../state/locks/party.ts";
import type { LockStore } from "../state/locks/store.ts";
import type { Pools } from "../state/pools/model.ts";

/** The whole state. A rule may read and write only the slice that it runs on. */
export interface State {
  readonly locks: LockStore;
  readonly pools: Pools;
}

/**
 * The part of the state that one rule may read and change. Engines support only these slices.
 *
 * The pools are one slice, because coupled resources and the commands for all pools need several
 * pools. The engine ends all expired sessions before it runs a rule on the pools. The slice
 * "session" covers the same pools, because budgets are shared. But its rules concern a single
 * session and have a small and constant cost; engines may rely on that.
 */
export type Slice =
  | { readonly exclusive: string }
  | { readonly shared: string }
  /** Both locks of each name, and the wait queues. */
  | { readonly names: readonly string[] }
  | "locks"
  | "lock counts"
  | "pools"
  | "session";

/** A value, or a promise of it. */
export type Outcome<R> = R | Promise<R>;

/** Receives lock events. */
export interface LockObserver {
  isWatched(name: string): boolean;
  onEvent(event: LockEvent): void;
}

export interface Engine {
  /** Reads a slice without changing it. */
  read<R>(slice: Slice, rule: (state: State, time: TimeSource) => R): Outcome<R>;
  /** Runs a rule on a slice and commits what it wrote. */
  change<R>(slice: Slice, rule: (state: State, time: TimeSource) => R): Outcome<R>;
  /** Releases what a departing owner holds, except locks kept for their grace. */
  leave(owner: Owner, options: LeaveOptions): Outcome<Departure>;
  /** Housekeeping: ends up to `limit` expired pool sessions. Returns false when more remain. */
  tick(limit: number): Outcome<boolean>;
  /** Ends all waits because the server is stopping. */
  drain(): Outcome<void>;
  /** Stops the expiry timer. */
  close(): void;
  /** Reports lock events to `observer` from now on, in order; `undefined` stops the reports. */
  watch(observer: LockObserver | undefined): void;
}

/** Calls `then` with the value of an outcome: at once, or when its promise resolves. */
export function after<R, S>(outcome: Outcome<R>, then: (value: R) => S): Outcome<S> {
  return outcome instanceof Promise ? outcome.then(then) : then(outcome);
}
