/** What comes of a request for locks: the values that come out of the rules. Pure. */
import type { Party } from "./party.ts";

/**
 * How a hold ends: by a release, with its connection (which was closed or lost), with its lease, or
 * by force.
 */
export type Ending = "released" | "closed" | "lost" | "expired" | "forced";

/** How the last exclusive hold of a name ended, and whose it was. */
export interface PreviousHold {
  readonly ending: Ending | "none";
  readonly previous: Party | undefined;
}

export interface Granted {
  readonly kind: "acquired";
  /** Greater than the token of any earlier grant. */
  readonly token: number;
  /** The number of holders of each name, this one included. */
  readonly counts: readonly number[];
  readonly previous: readonly PreviousHold[];
  readonly waitedMs: number;
}

/** A conflict, described by the first name that cannot be granted. */
export interface Busy {
  readonly kind: "busy";
  readonly name: string;
  /** The first holder; undefined when there are only waiters. */
  readonly holder: Party | undefined;
  readonly sinceMs: number;
  readonly why: string;
  /** The number of waiters for the name. */
  readonly queueLength: number;
}

/** A cycle of parties, each waiting for the next, that begins with the requesting client. */
export interface Deadlock {
  readonly kind: "deadlock";
  readonly cycle: readonly Party[];
}

/**
 * A refusal because of a limit: on waiters, on the locks that one connection may have with a grace,
 * or on the steps of a search for a deadlock.
 */
export interface LimitReached {
  readonly kind: "limit";
  readonly limit: "waiters" | "grace" | "deadlock search";
}

export interface TimedOut {
  readonly kind: "timeout";
  readonly waitedMs: number;
  readonly busy: Busy;
}

/** The server is stopping and grants nothing more. */
export interface Draining {
  readonly kind: "draining";
}

/** The outcome of a wait. Losing a lock during the wait can close a cycle, hence `Deadlock`. */
export type WaitOutcome = Granted | TimedOut | Draining | Deadlock | LimitReached;

/** Receives the outcome of a wait. */
export interface WaitListener {
  /** Whether the waiter's connection is still open, as far as the system knows. */
  isConnected(): boolean;
  /** Called once, or not at all if the connection ends first. */
  onOutcome(outcome: WaitOutcome): void;
}

/** An outcome that has not been delivered yet. */
export interface PendingOutcome {
  readonly listener: WaitListener;
  readonly outcome: WaitOutcome;
}
