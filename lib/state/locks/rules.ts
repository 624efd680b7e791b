/**
 * The rules behind the glockd commands: single locks, without waiting. Pure: no I/O, no clock, no
 * randomness, and nothing of any protocol.
 *
 * These hold for all rules of locks:
 * 1. A rule validates, then writes. A refusal is a value and changes nothing.
 * 2. Exclusive and shared locks are two tables: one name may be in both, with different holders.
 * 3. A lock knows its holders and a holder its locks, so a request costs one look-up, and a request
 *    that fails leaves no entry behind.
 * 4. A holder that has left holds nothing from then on. Removing its entries takes time in
 *    proportion to their number, so `cleanUp` does it later; only counting all locks waits for that.
 *
 * Names are bytes, as text of one character a byte; the empty name is a name like any other.
 */
import type { TimeSource } from "../../clock.ts";
import { SHORT_LENGTH_MAX } from "../../collections/name_index.ts";
import { cleanUpSome } from "./cleanup.ts";
import {
  dropShared,
  freeExclusive,
  isHeld,
  sharedLockOf,
  takeExclusive,
  takeShared,
} from "./holds.ts";
import type { ExclusiveLock, SharedLock } from "./model.ts";
import type { Owner, Party } from "./party.ts";
import { getOrCreateHolder, getOrCreateLock, type LockStore } from "./store.ts";
import { grantNext } from "./wait_queue.ts";

/** For callers to which the time does not matter. */
const ANY_TIME: TimeSource = { nowMs: 0 };

/** Takes the exclusive lock `name` if it is free. */
export function tryAcquire(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): "granted" | "already held" | "refused" {
  cleanUpSome(locks);
  const lock = getOrCreateLock(locks, name);
  if (isHeld(lock)) return lock.holder.owner === owner ? "already held" : "refused";
  locks.tokens.next();
  takeExclusive(locks, lock, getOrCreateHolder(locks, owner), time.nowMs);
  locks.eventLog?.acquired(lock, 0);
  return "granted";
}

/** Releases the exclusive lock `name`. Returns false when the owner does not hold it. */
export function release(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): boolean {
  const holder = locks.holders.get(owner);
  // Most releases are of the lock taken last, and comparing two names is cheaper than a look-up.
  const last = holder?.exclusive.last;
  const lock = last?.name === name ? last : locks.exclusive.get(name);
  if (lock === undefined || lock.holder !== holder) return false;
  freeExclusive(locks, lock, "released", time);
  grantNext(locks, name, time);
  return true;
}

/** Returns the state of the exclusive lock `name` as `owner` sees it. */
export function lockStatus(
  locks: LockStore,
  name: string,
  owner: Owner,
): "free" | "own" | "another's" {
  const holder = holderOfName(locks, name);
  if (holder === undefined) return "free";
  return holder.owner === owner ? "own" : "another's";
}

/** Returns the holder of the exclusive lock `name`. */
export function holderOfName(locks: LockStore, name: string): Party | undefined {
  const lock = locks.exclusive.get(name);
  return lock !== undefined && isHeld(lock) ? lock.holder : undefined;
}

/**
 * Takes the shared lock `name`; repeated calls change nothing. Returns the number of holders,
 * `owner` included.
 */
export function acquireShared(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): number {
  cleanUpSome(locks);
  const lock = sharedLockOf(locks, name);
  const holder = getOrCreateHolder(locks, owner);
  if (holder.shared?.get(name) !== undefined) return lock!.holds.size;
  locks.tokens.next();
  const hold = takeShared(locks, name, holder, time.nowMs);
  locks.eventLog?.acquired(hold, 0);
  return hold.lock.holds.size;
}

/** Releases the shared lock `name`. Returns false when the owner does not hold it. */
export function releaseShared(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): boolean {
  const hold = locks.holders.get(owner)?.shared?.get(name);
  if (hold === undefined) return false;
  dropShared(locks, hold, "released", time);
  grantNext(locks, name, time);
  return true;
}

/** Returns the holders of the shared lock `name`, in the order of their grants. */
export function holdersShared(locks: LockStore, name: string): Party[] {
  return Array.from(sharedLockOf(locks, name)?.holds ?? [], ({ holder }) => holder);
}

/** Returns the number of holders of the shared lock `name`. */
export function countShared(locks: LockStore, name: string): number {
  return sharedLockOf(locks, name)?.holds.size ?? 0;
}

/** Counts the held locks. Call it only when `cleanUp` has removed all stale entries. */
export function countLocks({ exclusive, shared, freeHolder, freeShared }: LockStore): {
  exclusive: number;
  shared: number;
} {
  return {
    exclusive: exclusive.size - freeHolder.exclusive.size,
    shared: shared.size - freeShared.size,
  };
}

/**
 * Yields the names of all exclusive locks. A caller may read them in several steps while others
 * change locks: a lock that is held throughout appears once, and locks that are new since the
 * beginning end the iteration. Yields undefined for entries that are not held, so that a caller can
 * pause after any entry.
 */
export function* listExclusive({ exclusive, lastSerial }: LockStore): Iterable<string | undefined> {
  for (const lock of exclusive) {
    if (isNewer(lock, lastSerial)) return;
    yield isHeld(lock) ? lock.name : undefined;
  }
}

/** Yields the names of all shared locks, like `listExclusive`. */
export function* listShared({ shared, lastSerial }: LockStore): Iterable<string | undefined> {
  for (const lock of shared) {
    if (isNewer(lock, lastSerial)) return;
    yield lock.holds.size > 0 ? lock.name : undefined;
  }
}

/**
 * Returns whether the entry, and all entries behind it, are newer than `serial`. Long names come
 * first in the index, in no order, so they never end a listing.
 */
function isNewer(lock: ExclusiveLock | SharedLock, serial: number): boolean {
  return lock.serial > serial && lock.name.length <= SHORT_LENGTH_MAX;
}
