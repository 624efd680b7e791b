/**
 * Where state lives, seen from above: the one interface through which anything may change.
 *
 * A change names the slice of the state it touches and gives a rule of `state/`. In memory the rule
 * runs at once on the live state and its outcome is handed back as it is: no promise, no copy. An
 * engine over a cluster loads the slice, runs the same rule, commits what it wrote if nothing it
 * read has changed, and otherwise runs it again; then the outcome is a promise. The rule cannot tell.
 */
import type { Holdings, Locks, Owner } from "../state/locks.ts";

/** All there is. A rule finds in it the slice it asked for, and may look at nothing else. */
export interface State {
  readonly locks: Locks;
}

/** The part of the state that one rule may see and change. The list is closed. */
export type Slice =
  | { readonly exclusive: string }
  | { readonly shared: string }
  | "locks";

/** A value now, or the promise of one. */
export type Outcome<R> = R | Promise<R>;

export interface Engine {
  /** Looks at a slice without changing it. */
  read<R>(slice: Slice, look: (state: State) => R): Outcome<R>;
  /** Runs a rule on a slice and makes what it wrote a fact. */
  change<R>(slice: Slice, rule: (state: State) => R): Outcome<R>;
  /** The one way out: gives back all that a departing owner holds, whatever ended it. */
  leave(owner: Owner): Outcome<Holdings>;
}

/** Goes on with an outcome: at once when it is there, later when it is only promised. */
export function after<R, S>(outcome: Outcome<R>, then: (value: R) => S): Outcome<S> {
  return outcome instanceof Promise ? outcome.then(then) : then(outcome);
}
