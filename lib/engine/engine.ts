/**
 * The interface of the state: no other code may change it.
 *
 * A change names the slice of the state that it touches and passes a rule of `state/`. In memory the
 * rule runs at once on the live state, and its outcome is returned as it is: no promise, no copy. An
 * engine over a cluster would load the slice, run the same rule, and commit what the rule wrote if
 * nothing that it read has changed; otherwise it runs the rule again. The outcome is then a promise.
 * A rule cannot tell the difference.
 */
import type { TimeSource } from "../clock.ts";
import type { Departure, LeaveOptions } from "../state/locks/departure.ts";
import type { LockEvent } from "../state/locks/event_log.ts";
import type { Owner } from "../state/locks/party.ts";
import type { LockStore } from "../state/locks/store.ts";
import type { Pools } from "../state/pools/model.ts";

/** The whole state. A rule may read and write only the slice that it asked for. */
export interface State {
  readonly locks: LockStore;
  readonly pools: Pools;
}

/**
 * The part of the state that one rule may read and change. The list is closed.
 *
 * The pools are one slice, because coupled resources and the commands for all pools need several of
 * them; before a rule on them runs, every expired session has been ended. The slice "session" covers
 * the same pools, since budgets are shared, but promises a rule about one session, whose cost is
 * small and constant; engines may rely on that.
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

/** Receives the events of locks. */
export interface LockObserver {
  isWatched(name: string): boolean;
  onEvent(event: LockEvent): void;
}

export interface Engine {
  /** Reads a slice without changing it. */
  read<R>(slice: Slice, rule: (state: State, time: TimeSource) => R): Outcome<R>;
  /** Runs a rule on a slice and commits what it wrote. */
  change<R>(slice: Slice, rule: (state: State, time: TimeSource) => R): Outcome<R>;
  /** Releases everything that a departing owner holds, however its session ended. */
  leave(owner: Owner, options: LeaveOptions): Outcome<Departure>;
  /** Housekeeping: ends up to `limit` expired sessions of pools. Returns false when more remain. */
  tick(limit: number): Outcome<boolean>;
  /** Answers all waiters that the server is stopping. */
  drain(): Outcome<void>;
  /** Stops the expiry timer. */
  close(): void;
  /** Reports the events of locks from now on, in order; `undefined` stops the reports. */
  watch(observer: LockObserver | undefined): void;
}

/** Calls `then` with an outcome: at once for a value, later for a promise. */
export function after<R, S>(outcome: Outcome<R>, then: (value: R) => S): Outcome<S> {
  return outcome instanceof Promise ? outcome.then(then) : then(outcome);
}
