/** The records of the lock table, and what follows from one record alone. Pure. */
import type { LinkedList, ListItem } from "../../collections/linked_list.ts";
import type { NameMap } from "../../collections/name_map.ts";
import type { Named } from "../../collections/name_table.ts";
import type { TimerEntry } from "../../collections/timer_queue.ts";
import type { AcquireRequest, HoldMode } from "./lock_request.ts";
import type { QueueEntry, Sequenced } from "./name_queue.ts";
import type { Ending, WaitListener } from "./outcome.ts";
import type { DepartureInfo, Owner, Party } from "./party.ts";

/** Consecutive fencing tokens: those after `base`, one for each grant. */
export interface TokenBlock {
  readonly base: number;
}

/**
 * A fencing token; `tokenOf` returns its number. Locks store the block and the position in it,
 * because a number as large as a token would be boxed in memory each time a lock is taken.
 */
export interface Token {
  block: TokenBlock;
  /** The position in the block, from 1. */
  nth: number;
}

/** The source of all fencing tokens: each is greater than every token before it. */
export interface TokenSource extends Readonly<Token> {
  /** Draws the next token: `block` and `nth` are those of this token afterwards. */
  next(): void;
}

/** What an exclusive and a shared hold have in common. */
interface HoldFields extends Token {
  holder: LockHolder;
  sinceMs: number;
  /** Undefined for holds acquired with glockd commands, which have no terms. */
  terms: LeaseTerms | undefined;
}

/** An exclusive lock and the hold of it; a free lock is held by `LockStore.freeHolder`. */
export interface ExclusiveLock extends ListItem<ExclusiveLock>, Named<ExclusiveLock>, HoldFields {
  /** The serial number of the name's entry in the table. */
  serial: number;
  /** How the last completed hold ended, and whose it was. */
  ending: Ending | "none";
  previous: LockHolder | undefined;
}

/** A shared lock; a free lock is in `LockStore.freeShared`. */
export interface SharedLock extends ListItem<SharedLock>, Named<SharedLock> {
  readonly serial: number;
  /** In the order they were granted. */
  readonly holds: LinkedList<SharedHold>;
}

/** The hold of one holder of a shared lock. */
export interface SharedHold extends ListItem<SharedHold>, HoldFields {
  readonly name: string;
  readonly lock: SharedLock;
}

export type Hold = ExclusiveLock | SharedHold;

/** A session and its holds, in the order they were granted. */
export interface LockHolder extends Party {
  readonly owner: Owner;
  readonly exclusive: LinkedList<ExclusiveLock>;
  shared: NameMap<SharedHold> | undefined;
  /** The holds that are kept for their grace when the session ends. */
  graceHolds: Set<Hold> | undefined;
  /** What the session waits for. */
  waiter: LockWaiter | undefined;
  /** Whether the session has ended and its remaining holds count as free. */
  isGone: boolean;
  /** Set when the session ends, also on the holder that keeps its locks for their grace. */
  departed: DepartureInfo | undefined;
}

/** What was agreed on for a hold. */
export interface LeaseTerms {
  mode: HoldMode;
  why: string;
  /** The length of the lease; undefined: the hold lasts as long as the connection. */
  leaseMs: number | undefined;
  leaseEndMs: number;
  /** How long the hold is kept after its connection has ended; 0: not at all. */
  graceMs: number;
  /** The timer that ends the hold. */
  readonly timer: ExpiryTimer;
}

/** The timer of a hold or of a waiter; exactly one of both is set. */
export interface ExpiryTimer extends TimerEntry {
  readonly hold: Hold | undefined;
  /** Set once, right after the waiter is created. */
  waiter: LockWaiter | undefined;
}

/** A waiter, queued for each name it asks for. Its connection makes no other request meanwhile. */
export interface LockWaiter extends Sequenced {
  readonly holder: LockHolder;
  readonly request: AcquireRequest;
  readonly listener: WaitListener;
  readonly sinceMs: number;
  entries: QueueEntry<LockWaiter>[];
  /** The timeout of the wait. */
  readonly timer: ExpiryTimer;
}

/** Returns a token as a number. */
export function tokenOf({ block, nth }: Readonly<Token>): number {
  return block.base + nth;
}

/** Returns the mode of a hold; glockd commands know one mode for each kind of lock. */
export function modeOf(hold: Hold): HoldMode {
  return hold.terms?.mode ?? ("lock" in hold ? "shared" : "exclusive");
}

/** Returns whether a hold with these terms is kept when its connection ends. */
export function hasGrace({ graceMs }: LeaseTerms): boolean {
  return graceMs > 0;
}
