/**
 * The few steps that keep the lock table whole. Pure. Only the rules of locks call them (`locks.ts`,
 * `granting.ts`, `acquiring.ts`, `leaving.ts`, `sweeping.ts`); the laws of `locks.ts` hold here.
 *
 * The last few names that were given back stay, free. Why: the runtime's `Map` leaves a mark where a
 * key was deleted until it next rebuilds its table, and passes all marks of a key's bucket to find
 * the key. Among 100,000 others, a lock that is taken and given back again and again would get a
 * thousand times slower.
 */
import { FREE_HOLDS_MAX, FREE_LOCKS_MAX } from "../../limits.ts";
import type { TimeSource } from "../../clock.ts";
import { detached } from "../../text.ts";
import { TimerQueue } from "../../collections/timer_queue.ts";
import type { Ending } from "./event_log.ts";
import { LinkedList, type ListItem } from "../../collections/linked_list.ts";
import type {
  ExclusiveLock,
  Holding,
  LockHolder,
  LockStore,
  Owner,
  SharedHold,
  SharedLock,
  Token,
  TokenSource,
} from "./model.ts";
import { NameIndex, SHORT_LENGTH_MAX } from "../../collections/name_index.ts";
import { NameTable } from "../../collections/name_table.ts";
import { NameMap } from "../../collections/name_map.ts";
import { EndedLocks } from "./ended_locks.ts";
import { isKept, type LeaseTerms } from "./lease.ts";

export type * from "./model.ts";

const NOBODY: Owner = -1;

/** Whole numbers from 1, for those who need no more. */
class Counter implements TokenSource {
  readonly block = { base: 0 };
  nth = 0;
  next(): void {
    this.nth++;
  }
}

/** @param salt what nobody outside knows. */
export function newLocks(salt = 0, tokens: TokenSource = new Counter()): LockStore {
  return {
    exclusive: new NameIndex(salt),
    shared: new NameIndex(salt),
    holders: new Map(),
    free: newHolder(NOBODY),
    freeShared: new LinkedList(),
    endedLocks: new EndedLocks(salt),
    departures: [],
    serials: 0,
    tokens,
    queues: new NameTable(salt),
    waiting: 0,
    arrivals: 0,
    waitingHolders: new Set(),
    timers: new TimerQueue(),
    outcomes: [],
    eventLog: undefined,
    orphans: { exclusive: 0, shared: 0 },
  };
}

/** The record of a name that may be taken, new ones among the free. */
export function lockOf(locks: LockStore, name: string): ExclusiveLock {
  const known = locks.exclusive.get(name);
  if (known !== undefined) return known;
  const lock = locks.endedLocks.take(name) ?? newLock(locks, name);
  lock.serial = ++locks.serials;
  locks.free.exclusive.append(lock);
  locks.exclusive.add(lock);
  return lock;
}

/** Whether somebody holds it who is still there. */
export function isHeld({ holder }: ExclusiveLock): boolean {
  return !holder.isGone && holder.owner !== NOBODY;
}

/** A token as a number: that of a holding, or the one drawn last. */
export function tokenOf({ block, nth }: Readonly<Token>): number {
  return block.base + nth;
}

/** A holding gets the token drawn last. */
export function stamp({ tokens }: LockStore, holding: Holding): void {
  holding.block = tokens.block;
  holding.nth = tokens.nth;
}

/** A free lock goes to `holder`, with the token drawn last. */
export function take(
  locks: LockStore,
  lock: ExclusiveLock,
  holder: LockHolder,
  nowMs: number,
): void {
  const { departed } = lock.holder;
  if (departed !== undefined) end(locks, lock, departed.how, departed.when.nowMs);
  transferExclusive(lock, holder);
  stamp(locks, lock);
  lock.sinceMs = nowMs;
}

/** A lock goes back to nobody, and one that has been free for long is forgotten. */
export function free(
  locks: LockStore,
  lock: ExclusiveLock,
  ending: Ending,
  time: TimeSource,
): void {
  const { exclusive, free } = locks;
  end(locks, lock, ending, locks.eventLog === undefined ? 0 : time.nowMs);
  transferExclusive(lock, free);
  const forgotten = tooMany(lock, free.exclusive);
  if (forgotten === undefined) return;
  free.exclusive.remove(forgotten);
  exclusive.delete(forgotten);
  locks.endedLocks.keep(forgotten);
}

/** A holding is over; what is left to do is to give the lock to somebody else. */
function end(locks: LockStore, lock: ExclusiveLock, ending: Ending, nowMs: number): void {
  lock.ending = ending;
  lock.previous = lock.holder;
  locks.eventLog?.released(lock, ending, nowMs);
  if (lock.terms !== undefined) dissolve(locks, lock, lock.terms);
}

/** A lock goes from one holder to another. */
export function transferExclusive(lock: ExclusiveLock, to: LockHolder): void {
  lock.holder.exclusive.remove(lock);
  lock.holder = to;
  to.exclusive.append(lock);
}

/** The shared lock of that name, without those who have left. */
export function settled(locks: LockStore, name: string): SharedLock | undefined {
  for (const { holder } of locks.departures) {
    const hold = holder.shared?.get(name);
    if (hold !== undefined) drop(locks, hold, holder.departed!.how, holder.departed!.when);
  }
  return locks.shared.get(name);
}

/** One more holder of a shared lock, with the token drawn last; must not hold it yet. */
export function hold(
  locks: LockStore,
  name: string,
  holder: LockHolder,
  nowMs: number,
): SharedHold {
  const lock = locks.shared.get(name) ?? newSharedLock(locks, name);
  if (lock.holds.size === 0) locks.freeShared.remove(lock);
  const hold: SharedHold = {
    name: lock.name,
    lock,
    holder,
    block: locks.tokens.block,
    nth: locks.tokens.nth,
    sinceMs: nowMs,
    terms: undefined,
    before: undefined,
    after: undefined,
  };
  lock.holds.append(hold);
  attach(hold, holder);
  return hold;
}

/** Writes a hold into its holder's book. */
export function attach(hold: SharedHold, holder: LockHolder): void {
  hold.holder = holder;
  holder.shared ??= new NameMap(FREE_HOLDS_MAX);
  holder.shared.set(hold.name, hold);
}

/** One holder less. */
export function drop(locks: LockStore, hold: SharedHold, ending: Ending, time: TimeSource): void {
  const { lock, holder } = hold;
  if (locks.eventLog !== undefined) locks.eventLog.released(hold, ending, time.nowMs);
  if (hold.terms !== undefined) dissolve(locks, hold, hold.terms);
  lock.holds.remove(hold);
  holder.shared!.delete(lock.name);
  if (lock.holds.size > 0) return;
  locks.freeShared.append(lock);
  const forgotten = tooMany(lock, locks.freeShared);
  if (forgotten === undefined) return;
  locks.freeShared.remove(forgotten);
  locks.shared.delete(forgotten);
}

/** Nothing is agreed on any more. */
function dissolve(locks: LockStore, holding: Holding, terms: LeaseTerms): void {
  locks.timers.remove(terms.timer);
  if (isKept(terms)) holding.holder.withGrace?.delete(holding);
  holding.terms = undefined;
}

/** The holder of that number; who holds nothing yet, is made one. */
export function holderOf(locks: LockStore, owner: Owner): LockHolder {
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
    withGrace: undefined,
    waiter: undefined,
    isGone: false,
    departed: undefined,
  };
}

function newLock({ free, tokens }: LockStore, name: string): ExclusiveLock {
  return {
    name: detached(name),
    serial: 0,
    holder: free,
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
    serial: ++locks.serials,
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

/** Which free one must go, now that `freed` has come to them. */
function tooMany<T extends ListItem<T> & { name: string }>(
  freed: T,
  all: LinkedList<T>,
): T | undefined {
  // Longer ones are seldom busy, and would cost what they are long.
  if (freed.name.length > SHORT_LENGTH_MAX) return freed;
  return all.size > FREE_LOCKS_MAX ? all.first : undefined;
}
