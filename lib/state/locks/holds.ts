/**
 * The steps that take, transfer and free locks, and keep both directions of the table consistent:
 * a lock knows its holders and a holder its locks. Pure. Only the rules of locks call them.
 *
 * The names freed last keep their entry. The runtime's `Map` leaves a mark where a key was deleted
 * until it next rebuilds its table, and a look-up passes all marks in the key's bucket. Among
 * 100,000 others, a lock that is taken and freed again and again would get a thousand times slower.
 */
import type { TimeSource } from "../../clock.ts";
import type { LinkedList, ListItem } from "../../collections/linked_list.ts";
import { SHORT_LENGTH_MAX } from "../../collections/name_index.ts";
import { NameMap } from "../../collections/name_map.ts";
import { FREE_HOLDS_MAX, FREE_LOCKS_MAX } from "../../limits.ts";
import {
  type ExclusiveLock,
  hasGrace,
  type Hold,
  type LeaseTerms,
  type LockHolder,
  type SharedHold,
  type SharedLock,
} from "./model.ts";
import type { Ending } from "./outcome.ts";
import { FREE_OWNER, getOrCreateShared, type LockStore } from "./store.ts";

/** Returns whether the lock is held, and not only by a holder that has left. */
export function isHeld({ holder }: ExclusiveLock): boolean {
  return !holder.isGone && holder.owner !== FREE_OWNER;
}

/** Gives a hold the token drawn last. */
export function stampToken({ tokens }: LockStore, hold: Hold): void {
  hold.block = tokens.block;
  hold.nth = tokens.nth;
}

/** Gives a free lock to `holder`, with the token drawn last. */
export function takeExclusive(
  locks: LockStore,
  lock: ExclusiveLock,
  holder: LockHolder,
  nowMs: number,
): void {
  const { departed } = lock.holder;
  if (departed !== undefined) recordEnding(locks, lock, departed.ending, departed.when.nowMs);
  transferExclusive(lock, holder);
  stampToken(locks, lock);
  lock.sinceMs = nowMs;
}

/** Frees a lock, and removes the entry of the lock that has been free longest if there are many. */
export function freeExclusive(
  locks: LockStore,
  lock: ExclusiveLock,
  ending: Ending,
  time: TimeSource,
): void {
  const { exclusive, freeHolder } = locks;
  recordEnding(locks, lock, ending, locks.eventLog === undefined ? 0 : time.nowMs);
  transferExclusive(lock, freeHolder);
  const excess = excessFree(lock, freeHolder.exclusive);
  if (excess === undefined) return;
  freeHolder.exclusive.remove(excess);
  exclusive.delete(excess);
  locks.endedLocks.add(excess);
}

/** Records that a hold has ended; the caller transfers the lock to another holder. */
function recordEnding(
  locks: LockStore,
  lock: ExclusiveLock,
  ending: Ending,
  nowMs: number,
): void {
  lock.ending = ending;
  lock.previous = lock.holder;
  locks.eventLog?.released(lock, ending, nowMs);
  if (lock.terms !== undefined) clearTerms(locks, lock, lock.terms);
}

/** Moves a lock from one holder to another. */
export function transferExclusive(lock: ExclusiveLock, to: LockHolder): void {
  lock.holder.exclusive.remove(lock);
  lock.holder = to;
  to.exclusive.append(lock);
}

/** Returns the shared lock `name` after it has dropped the holders that have left. */
export function sharedLockOf(locks: LockStore, name: string): SharedLock | undefined {
  for (const { holder } of locks.departures) {
    const hold = holder.shared?.get(name);
    if (hold !== undefined) dropShared(locks, hold, holder.departed!.ending, holder.departed!.when);
  }
  return locks.shared.get(name);
}

/** Adds a holder to a shared lock that it does not hold yet, with the token drawn last. */
export function takeShared(
  locks: LockStore,
  name: string,
  holder: LockHolder,
  nowMs: number,
): SharedHold {
  const lock = getOrCreateShared(locks, name);
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
  attachShared(hold, holder);
  return hold;
}

/** Adds a hold to those of its holder. */
export function attachShared(hold: SharedHold, holder: LockHolder): void {
  hold.holder = holder;
  holder.shared ??= new NameMap(FREE_HOLDS_MAX);
  holder.shared.set(hold.name, hold);
}

/** Ends the hold of one holder of a shared lock. */
export function dropShared(
  locks: LockStore,
  hold: SharedHold,
  ending: Ending,
  time: TimeSource,
): void {
  const { lock, holder } = hold;
  if (locks.eventLog !== undefined) locks.eventLog.released(hold, ending, time.nowMs);
  if (hold.terms !== undefined) clearTerms(locks, hold, hold.terms);
  lock.holds.remove(hold);
  holder.shared!.delete(lock.name);
  if (lock.holds.size > 0) return;
  locks.freeShared.append(lock);
  const excess = excessFree(lock, locks.freeShared);
  if (excess === undefined) return;
  locks.freeShared.remove(excess);
  locks.shared.delete(excess);
}

/** Drops the terms of a hold and disarms its timer. */
function clearTerms(locks: LockStore, hold: Hold, terms: LeaseTerms): void {
  locks.timers.remove(terms.timer);
  if (hasGrace(terms)) hold.holder.graceHolds?.delete(hold);
  hold.terms = undefined;
}

/** Returns the free lock whose entry must go now that `freed` has joined the free ones, if any. */
function excessFree<T extends ListItem<T> & { name: string }>(
  freed: T,
  all: LinkedList<T>,
): T | undefined {
  // Long names are seldom busy, and take memory according to their length.
  if (freed.name.length > SHORT_LENGTH_MAX) return freed;
  return all.size > FREE_LOCKS_MAX ? all.first : undefined;
}
