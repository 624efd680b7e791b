/** What the lock table is made of: the shapes of its records, and what they say of each other. Pure. */
import type { TimeSource } from "../../clock.ts";
import type { TimerQueue } from "../../collections/timer_queue.ts";
import type { Ending, LockEventLog } from "./event_log.ts";
import type { LinkedList, ListItem } from "../../collections/linked_list.ts";
import type { NameIndex } from "../../collections/name_index.ts";
import type { Named, NameTable } from "../../collections/name_table.ts";
import type { NameMap } from "../../collections/name_map.ts";
import type { EndedLocks } from "./ended_locks.ts";
import type { NameQueue } from "./name_queue.ts";
import type { ExpiryTimer, LeaseTerms } from "./lease.ts";
import type { LockWaiter, PendingOutcome } from "./lock_request.ts";

/** What holds a lock: the number of a session, never used again. */
export type Owner = number;

/** Fencing tokens in a row: those behind `base`, one for each grant. */
export interface TokenBlock {
  readonly base: number;
}

/**
 * What all grants draw their fencing tokens from: each is greater than all before it. A lock keeps
 * the block and which of it (`tokenOf`): a number as large as a token would take a box in memory each
 * time that a lock is taken.
 */
export interface TokenSource extends Readonly<Token> {
  /** The next one is drawn: block and number are its own from now on. */
  next(): void;
}

/** A fencing token; `tokenOf` says it as the number that it is. */
export interface Token {
  block: TokenBlock;
  /** Which token of the block, from 1. */
  nth: number;
}

/** That somebody holds something. */
interface HoldFields extends Token {
  holder: LockHolder;
  sinceMs: number;
  /** What else was agreed on; nothing with those who ask in the old words. */
  terms: LeaseTerms | undefined;
}

/** An exclusive lock; a free one is among those that nobody holds. */
export interface ExclusiveLock extends ListItem<ExclusiveLock>, Named<ExclusiveLock>, HoldFields {
  /** Which new name of all this was. */
  serial: number;
  /** How the last holding ended that is over, and whose it was. */
  ending: Ending | "none";
  previous: LockHolder | undefined;
}

/** A shared lock; a free one is among the vacant. */
export interface SharedLock extends ListItem<SharedLock>, Named<SharedLock> {
  readonly serial: number;
  /** In the order it was taken. */
  readonly holds: LinkedList<SharedHold>;
}

/** That somebody holds a shared lock. */
export interface SharedHold extends ListItem<SharedHold>, HoldFields {
  readonly name: string;
  readonly lock: SharedLock;
}

export type Holding = ExclusiveLock | SharedHold;

/** What one owner holds, in the order it was taken. */
export interface LockHolder {
  readonly owner: Owner;
  readonly exclusive: LinkedList<ExclusiveLock>;
  shared: NameMap<SharedHold> | undefined;
  /** Of it, what stays for a while when the owner goes. */
  withGrace: Set<Holding> | undefined;
  /** What it waits for. */
  waiter: LockWaiter | undefined;
  isGone: boolean;
  /** Since it has left. */
  departed: Departed | undefined;
}

/** How somebody has left, and what is needed of it afterwards. */
export interface Departed {
  readonly how: "closed" | "lost";
  readonly when: TimeSource;
  readonly name: string;
  readonly address: string;
  /** What proves to be the one that may come back; empty: nobody may. */
  readonly secret: string;
}

export interface LockStore {
  readonly exclusive: NameIndex<ExclusiveLock>;
  readonly shared: NameIndex<SharedLock>;
  readonly holders: Map<Owner, LockHolder>;
  /** Holds the free locks that stay, the longest free first. */
  readonly free: LockHolder;
  /** The same for shared ones. */
  readonly freeShared: LinkedList<SharedLock>;
  /** Free locks of which only their end is remembered. */
  readonly endedLocks: EndedLocks<ExclusiveLock>;
  /** Who has left and is not forgotten yet. */
  readonly departures: Departing[];
  /** How many new names there were. */
  serials: number;
  readonly tokens: TokenSource;
  /** The names that are waited for; none of these is empty. */
  readonly queues: NameTable<NameQueue<LockWaiter>>;
  /** How many wait, */
  waiting: number;
  /** how many there were, */
  arrivals: number;
  /** and those of them that hold something, which others may wait for. */
  readonly waitingHolders: Set<LockHolder>;
  /** Leases, waits and the like that end by themselves. */
  readonly timers: TimerQueue<ExpiryTimer>;
  /** What those who waited are to be told; whoever changes the table sees to it. */
  outcomes: PendingOutcome[];
  /** What has happened, as long as somebody wants to know. */
  eventLog: LockEventLog | undefined;
  /** What went with connections that had kept it for a while. */
  readonly orphans: { exclusive: number; shared: number };
}

interface Departing {
  readonly holder: LockHolder;
  readonly holds: Iterator<[string, SharedHold]>;
}
