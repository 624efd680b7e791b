/**
 * The lock table and how its entries are created. Pure.
 *
 * Rules
 * 1. Only the rules of locks change the table: `rules.ts`, `acquire.ts`, `grant.ts`,
 *    `wait_queue.ts`, `departure.ts` and `cleanup.ts`, by the steps of this file, `holds.ts` and
 *    `lease.ts`.
 * 2. The engine takes the entries of `outcomes` and `eventLog` out after each change.
 */
import { LinkedList } from "../../collections/linked_list.ts";
import { NameIndex } from "../../collections/name_index.ts";
import { NameTable } from "../../collections/name_table.ts";
import { TimerQueue } from "../../collections/timer_queue.ts";
import { detached } from "../../text.ts";
import { EndedLocks } from "./ended_locks.ts";
import type { LockEventLog } from "./event_log.ts";
import type {
  ExclusiveLock,
  ExpiryTimer,
  LockHolder,
  LockWaiter,
  SharedHold,
  SharedLock,
  TokenSource,
} from "./model.ts";
import type { NameQueue } from "./name_queue.ts";
import type { PendingOutcome } from "./outcome.ts";
import type { Owner } from "./party.ts";

export interface LockStore {
  readonly exclusive: NameIndex<ExclusiveLock>;
  readonly shared: NameIndex<SharedLock>;
  readonly holders: Map<Owner, LockHolder>;
  /** Holds the free exclusive locks that keep their entry, the longest free first. */
  readonly freeHolder: LockHolder;
  /** The free shared locks that keep their entry, the longest free first. */
  readonly freeShared: LinkedList<SharedLock>;
  /** Free exclusive locks without an entry, of which only the last ending is remembered. */
  readonly endedLocks: EndedLocks<ExclusiveLock>;
  /** Holders that have left, whose entries have not been removed yet. */
  readonly departures: CleanupEntry[];
  /** The serial number of the newest entry. */
  lastSerial: number;
  readonly tokens: TokenSource;
  /** The wait queues; none is empty. */
  readonly queues: NameTable<NameQueue<LockWaiter>>;
  waiterCount: number;
  /** The serial number of the newest waiter. */
  lastWaiterSerial: number;
  /** The waiters that hold locks, which others may wait for. */
  readonly waitingHolders: Set<LockHolder>;
  /** The ends of leases, graces and waits. */
  readonly timers: TimerQueue<ExpiryTimer>;
  /** The outcomes of waits that are to be delivered. */
  outcomes: PendingOutcome[];
  /** Undefined while no client watches. */
  eventLog: LockEventLog | undefined;
  /** How many locks ended after their connection had, during their grace. */
  readonly orphans: { exclusive: number; shared: number };
}

interface CleanupEntry {
  readonly holder: LockHolder;
  /** The position in the holder's shared holds. */
  readonly holds: Iterator<[string, SharedHold]>;
}

/** The owner number of `LockStore.freeHolder`. */
export const FREE_OWNER: Owner = -1;

/** Whole numbers from 1, where tokens need not outlive the process. */
class Counter implements TokenSource {
  readonly block = { base: 0 };
  nth = 0;
  next(): void {
    this.nth++;
  }
}

/** @param salt a random number, unknown to clients, for the hashes of names. */
export function newLockStore(salt = 0, tokens: TokenSource = new Counter()): LockStore {
  return {
    exclusive: new NameIndex(salt),
    shared: new NameIndex(salt),
    holders: new Map(),
    freeHolder: newHolder(FREE_OWNER),
    freeShared: new LinkedList(),
    endedLocks: new EndedLocks(salt),
    departures: [],
    lastSerial: 0,
    tokens,
    queues: new NameTable(salt),
    waiterCount: 0,
    lastWaiterSerial: 0,
    waitingHolders: new Set(),
    timers: new TimerQueue(),
    outcomes: [],
    eventLog: undefined,
    orphans: { exclusive: 0, shared: 0 },
  };
}

/** Returns the exclusive lock `name`; a new entry is free. */
export function getOrCreateLock(locks: LockStore, name: string): ExclusiveLock {
  const known = locks.exclusive.get(name);
  if (known !== undefined) return known;
  const lock = locks.endedLocks.take(name) ?? newLock(locks, name);
  lock.serial = ++locks.lastSerial;
  locks.freeHolder.exclusive.append(lock);
  locks.exclusive.add(lock);
  return lock;
}

/** Returns the shared lock `name`, possibly with holders that have left; a new entry is free. */
export function getOrCreateShared(locks: LockStore, name: string): SharedLock {
  return locks.shared.get(name) ?? newSharedLock(locks, name);
}

/** Returns the holder of that number, a new one if it holds nothing yet. */
export function getOrCreateHolder(locks: LockStore, owner: Owner): LockHolder {
  const known = locks.holders.get(owner);
  if (known !== undefined) return known;
  const holder = newHolder(owner);
  locks.holders.set(owner, holder);
  return holder;
}

export function newHolder(owner: Owner): LockHolder {
  return {
    owner,
    exclusive: new LinkedList(),
    shared: undefined,
    graceHolds: undefined,
    waiter: undefined,
    isGone: false,
    departed: undefined,
  };
}

function newLock({ freeHolder, tokens }: LockStore, name: string): ExclusiveLock {
  return {
    name: detached(name),
    serial: 0,
    holder: freeHolder,
    block: tokens.block,
    nth: 0,
    sinceMs: 0,
    terms: undefined,
    ending: "none",
    previous: undefined,
    before: undefined,
    after: undefined,
    hash: 0,
    chained: undefined,
  };
}

function newSharedLock(locks: LockStore, name: string): SharedLock {
  const lock: SharedLock = {
    name: detached(name),
    serial: ++locks.lastSerial,
    holds: new LinkedList(),
    before: undefined,
    after: undefined,
    hash: 0,
    chained: undefined,
  };
  locks.freeShared.append(lock);
  locks.shared.add(lock);
  return lock;
}
