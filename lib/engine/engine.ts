/**
 * Where state lives, seen from above: the one interface through which anything may change.
 *
 * A change names the slice of the state it touches and gives a rule of `state/`. In memory the rule
 * runs at once on the live state and its outcome is handed back as it is: no promise, no copy. An
 * engine over a cluster loads the slice, runs the same rule, commits what it wrote if nothing it
 * read has changed, and otherwise runs it again; then the outcome is a promise. The rule cannot tell.
 */
import type { TimeSource } from "../clock.ts";
import type { LockEvent } from "../state/locks/event_log.ts";
import type { Departure, Leave } from "../state/locks/departure.ts";
import type { LockStore, Owner } from "../state/locks/rules.ts";
import type { Pools } from "../state/pools/model.ts";

/** All there is. A rule finds in it the slice it asked for, and may look at nothing else. */
export interface State {
  readonly locks: LockStore;
  readonly pools: Pools;
}

/**
 * The part of the state that one rule may see and change. The list is closed. The pools are one,
 * because coupled resources and the forms for all pools cross them; whoever sees them finds every
 * session ended whose time is over. Of these a rule about one session sees no less, as budgets are
 * shared; but it costs little and always alike, and engines may rely on that.
 */
export type Slice =
  | { readonly exclusive: string }
  | { readonly shared: string }
  /** Both locks of each name, and who waits for whatever. */
  | { readonly names: readonly string[] }
  | "locks"
  | "lock counts"
  | "pools"
  | "session";

/** A value now, or the promise of one. */
export type Outcome<R> = R | Promise<R>;

/** Who watches what happens to locks. */
export interface LockObserver {
  isWatched(name: string): boolean;
  onEvent(event: LockEvent): void;
}

export interface Engine {
  /** Looks at a slice without changing it. */
  read<R>(slice: Slice, look: (state: State, given: TimeSource) => R): Outcome<R>;
  /** Runs a rule on a slice and makes what it wrote a fact. */
  change<R>(slice: Slice, rule: (state: State, given: TimeSource) => R): Outcome<R>;
  /** The one way out: gives back all that a departing owner holds, whatever ended it. */
  leave(owner: Owner, how: Leave): Outcome<Departure>;
  /** Housekeeping: ends at most `limit` of what is due; false when more is left. */
  tick(limit: number): Outcome<boolean>;
  /** Tells all who wait that nothing is granted any more. */
  drain(): Outcome<void>;
  /** Nothing ends by itself any more. */
  close(): void;
  /** Tells of what happens to locks from now on, in order; undefined: nobody wants to know. */
  watch(listener: LockObserver | undefined): void;
}

/** Goes on with an outcome: at once when it is there, later when it is only promised. */
export function after<R, S>(outcome: Outcome<R>, then: (value: R) => S): Outcome<S> {
  return outcome instanceof Promise ? outcome.then(then) : then(outcome);
}
