/**
 * The rules of locks: who holds what. Pure: no I/O, no clock, no chance, no word of any protocol.
 *
 * Laws
 * 1. Every change of the table (`lock_table.ts`) is a function of this file, or of `acquiring.ts`,
 *    `serving.ts`, `leaving.ts` and `sweeping.ts`: nobody else writes to it.
 * 2. A rule validates, then writes. A refusal is a value and changes nothing.
 * 3. Exclusive and shared locks are two tables: one name may be in both, by different owners.
 * 4. A lock knows its holder and a holder its locks: a request costs one look-up, leaving nothing.
 * 5. Who has left, holds nothing, from that moment. Forgetting it costs what it held, and may take
 *    its time (`sweep`): only who counts all locks wants it done.
 *
 * Names are bytes, kept as text of one character a byte; the empty name is a name like any other.
 */
import type { TimeSource } from "../../clock.ts";
import {
  drop,
  type ExclusiveLock,
  free,
  hold,
  holderOf,
  isHeld,
  type LockHolder,
  lockOf,
  type LockStore,
  type Owner,
  settled,
  type SharedLock,
  take,
} from "./store.ts";
import { SHORT_LENGTH_MAX } from "../../collections/name_index.ts";
import { grantWaiters } from "./wait_queue.ts";
import { cleanUpSome } from "./cleanup.ts";

export { type LockStore, newLocks, type Owner } from "./store.ts";

/** For who does not care when it is. */
const ANY_TIME: TimeSource = { nowMs: 0 };

/** Takes the exclusive lock `name`: newly granted, already the owner's, or another's. */
export function tryAcquire(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): "granted" | "already held" | "refused" {
  cleanUpSome(locks);
  const lock = lockOf(locks, name);
  if (isHeld(lock)) return lock.holder.owner === owner ? "already held" : "refused";
  locks.tokens.next();
  take(locks, lock, holderOf(locks, owner), time.nowMs);
  locks.eventLog?.acquired(lock, 0);
  return "granted";
}

/** Gives the exclusive lock `name` back; false when the owner does not hold it. */
export function release(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): boolean {
  const holder = locks.holders.get(owner);
  // Mostly it is what was taken last, and comparing two names costs less than looking one up.
  const last = holder?.exclusive.last;
  const lock = last?.name === name ? last : locks.exclusive.get(name);
  if (lock === undefined || lock.holder !== holder) return false;
  free(locks, lock, "released", time);
  grantWaiters(locks, name, time);
  return true;
}

/** How the exclusive lock `name` looks to `owner`. */
export function inspect(
  locks: LockStore,
  name: string,
  owner: Owner,
): "free" | "own" | "another's" {
  const holder = holderOfName(locks, name);
  if (holder === undefined) return "free";
  return holder.owner === owner ? "own" : "another's";
}

/** Who holds the exclusive lock `name`. */
export function holderOfName(locks: LockStore, name: string): LockHolder | undefined {
  const lock = locks.exclusive.get(name);
  return lock !== undefined && isHeld(lock) ? lock.holder : undefined;
}

/** Takes the shared lock `name`, once however often asked; the count of holders with this one. */
export function acquireShared(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): number {
  cleanUpSome(locks);
  const known = settled(locks, name);
  const holder = holderOf(locks, owner);
  if (holder.shared?.get(name) !== undefined) return known!.holds.size;
  locks.tokens.next();
  const taken = hold(locks, name, holder, time.nowMs);
  locks.eventLog?.acquired(taken, 0);
  return taken.lock.holds.size;
}

/** Gives the shared lock `name` back; false when the owner does not hold it. */
export function releaseShared(
  locks: LockStore,
  name: string,
  owner: Owner,
  time: TimeSource = ANY_TIME,
): boolean {
  const hold = locks.holders.get(owner)?.shared?.get(name);
  if (hold === undefined) return false;
  drop(locks, hold, "released", time);
  grantWaiters(locks, name, time);
  return true;
}

/** Those who hold the shared lock `name`, in the order they took it. */
export function holdersShared(locks: LockStore, name: string): LockHolder[] {
  return Array.from(settled(locks, name)?.holds ?? [], ({ holder }) => holder);
}

/** The number of holders of the shared lock `name`. */
export function countShared(locks: LockStore, name: string): number {
  return settled(locks, name)?.holds.size ?? 0;
}

/** How many locks are taken; nobody may be departing. */
export function countLocks({ exclusive, shared, free, freeShared }: LockStore): {
  exclusive: number;
  shared: number;
} {
  return { exclusive: exclusive.size - free.exclusive.size, shared: shared.size - freeShared.size };
}

/**
 * The names of all exclusive locks, for who reads them by and by while others go on: one that is
 * taken all the time is there once, what is new since the beginning keeps nobody reading. Undefined
 * stands where there is nothing to tell: a reader of very many may pause there as well.
 */
export function* listLocks({ exclusive, serials }: LockStore): Iterable<string | undefined> {
  for (const lock of exclusive) {
    if (isNewer(lock, serials)) return;
    yield isHeld(lock) ? lock.name : undefined;
  }
}

/** The same of shared locks. */
export function* listShared({ shared, serials }: LockStore): Iterable<string | undefined> {
  for (const lock of shared) {
    if (isNewer(lock, serials)) return;
    yield lock.holds.size > 0 ? lock.name : undefined;
  }
}

/** Whether it came, and all behind it, since there were `serials`: the long ones stand first in any case. */
function isNewer({ name, serial }: ExclusiveLock | SharedLock, serials: number): boolean {
  return serial > serials && name.length <= SHORT_LENGTH_MAX;
}
