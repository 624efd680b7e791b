/** What is asked for and what comes of it: the values that go into and out of the rules. Pure. */
import type { ExclusiveLock, LockHolder } from "./store.ts";
import type { Arrived, QueueEntry } from "./name_queue.ts";
import type { ExpiryTimer, HoldOptions } from "./lease.ts";

/** Several names are had all at once or not at all. */
export interface AcquireRequest extends HoldOptions {
  /** All different. */
  readonly names: readonly string[];
  /** How many may hold a shared lock together with the one who asks; Infinity: any number. */
  readonly max: number;
  /** The higher, the sooner. */
  readonly priority: number;
}

/** How the last exclusive holding of a name ended. */
export type PreviousHold = Pick<ExclusiveLock, "ending" | "previous">;

export interface Granted {
  readonly kind: "acquired";
  /** Greater than that of any grant before. */
  readonly token: number;
  /** For each name, how many hold it now. */
  readonly counts: readonly number[];
  readonly previous: readonly PreviousHold[];
  readonly waitedMs: number;
}

/** Somebody else is there: about the first name that cannot be had. */
export interface Busy {
  readonly kind: "busy";
  readonly name: string;
  /** The first who holds it; nobody, when it is only waited for. */
  readonly holder: LockHolder | undefined;
  readonly sinceMs: number;
  readonly why: string;
  /** How many wait for it. */
  readonly waiting: number;
}

/** Who would wait for whom, in a circle, beginning with the one who asks. */
export interface Deadlock {
  readonly kind: "deadlock";
  readonly cycle: readonly LockHolder[];
}

/**
 * It would be too much: so many may wait, so much may one connection have kept for it, and whether
 * there would be a circle could not be told in time.
 */
export interface LimitReached {
  readonly kind: "limit";
  readonly what: "waiting" | "kept" | "circles";
}

/** What may come of waiting. A circle, when one loses on the way what it held. */
export type WaitOutcome = Granted | TimedOut | Draining | Deadlock | LimitReached;

/** Whom to tell what comes of the waiting. Called once, or not at all when its connection ends. */
export interface WaitListener {
  /** Whether its connection still stands, as far as the system knows. */
  isConnected(): boolean;
  onOutcome(outcome: WaitOutcome): void;
}

export interface TimedOut {
  readonly kind: "timeout";
  readonly waitedMs: number;
  readonly busy: Busy;
}

/** The server ends: nobody gets anything any more. */
export interface Draining {
  readonly kind: "draining";
}

/** One who waits, in the queue of each name. Its connection asks for nothing else meanwhile. */
export interface LockWaiter extends Arrived {
  readonly holder: LockHolder;
  readonly request: AcquireRequest;
  readonly listener: WaitListener;
  readonly sinceMs: number;
  entries: QueueEntry<LockWaiter>[];
  /** The end of its patience. */
  readonly timer: ExpiryTimer;
}

export interface PendingOutcome {
  readonly listener: WaitListener;
  readonly outcome: WaitOutcome;
}
