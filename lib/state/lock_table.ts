/**
 * What the lock table is made of, and the few steps that keep it whole. Pure. Only the rules of
 * `locks.ts` call them; its laws hold here.
 *
 * The last few names that were given back stay, free. Why: the runtime's `Map` leaves a mark where a
 * key was deleted until it next rebuilds its table, and passes all marks of a key's bucket to find
 * the key. Among 100,000 others, a lock that is taken and given back again and again would get a
 * thousand times slower.
 */
import { type Linked, List } from "./list.ts";
import { NameIndex, SHORT_LENGTH_MAX } from "./name_index.ts";
import type { Named } from "./name_table.ts";
import { NameMap, ownText } from "./names.ts";

/** What holds a lock: the number of a session, never used again. */
export type Owner = number;

/** An exclusive lock; a free one is among those that nobody holds. */
export interface Lock extends Linked<Lock>, Named<Lock> {
  /** Which new name of all this was. */
  readonly serial: number;
  holder: Holder;
}

/** A shared lock; a free one is among the vacant. */
export interface SharedLock extends Linked<SharedLock>, Named<SharedLock> {
  readonly serial: number;
  /** In the order it was taken. */
  readonly holds: List<Hold>;
}

/** That somebody holds a shared lock. */
export interface Hold extends Linked<Hold> {
  readonly lock: SharedLock;
  readonly holder: Holder;
}

/** What one owner holds, in the order it was taken. */
export interface Holder {
  readonly owner: Owner;
  readonly exclusive: List<Lock>;
  shared: NameMap<Hold> | undefined;
  isGone: boolean;
}

export interface Locks {
  readonly exclusive: NameIndex<Lock>;
  readonly shared: NameIndex<SharedLock>;
  readonly holders: Map<Owner, Holder>;
  /** Holds the free locks that stay, the longest free first. */
  readonly nobody: Holder;
  /** The same for shared ones. */
  readonly vacant: List<SharedLock>;
  /** Who has left and is not forgotten yet. */
  readonly departing: Departing[];
  /** How many new names there were. */
  serials: number;
}

interface Departing {
  readonly holder: Holder;
  readonly holds: Iterator<[string, Hold]>;
}

/** How many names stay when they are free. More in turn leave their marks far from each other. */
const KEPT_MAX = 256;
/** Of the shared locks one owner gives back, how many names stay with it. */
const KEPT_HOLDS_MAX = 16;
const NOBODY: Owner = -1;

/** @param salt what nobody outside knows. */
export function newLocks(salt = 0): Locks {
  return {
    exclusive: new NameIndex(salt),
    shared: new NameIndex(salt),
    holders: new Map(),
    nobody: newHolder(NOBODY),
    vacant: new List(),
    departing: [],
    serials: 0,
  };
}

/** The record of a name that may be taken, new ones among the free. */
export function lockOf(locks: Locks, name: string): Lock {
  const known = locks.exclusive.get(name);
  if (known !== undefined) return known;
  const lock: Lock = {
    name: ownText(name),
    serial: ++locks.serials,
    holder: locks.nobody,
    before: undefined,
    after: undefined,
    hash: 0,
    chained: undefined,
  };
  locks.nobody.exclusive.append(lock);
  locks.exclusive.add(lock);
  return lock;
}

/** Whether somebody holds it who is still there. */
export function isHeld({ holder }: Lock): boolean {
  return !holder.isGone && holder.owner !== NOBODY;
}

/** A lock goes from one holder to another. */
export function pass(lock: Lock, to: Holder): void {
  lock.holder.exclusive.remove(lock);
  lock.holder = to;
  to.exclusive.append(lock);
}

/** A lock goes back to nobody, and one that has been free for long is forgotten. */
export function free(locks: Locks, lock: Lock): void {
  const { exclusive, nobody } = locks;
  pass(lock, nobody);
  const forgotten = tooMany(lock, nobody.exclusive);
  if (forgotten === undefined) return;
  nobody.exclusive.remove(forgotten);
  exclusive.delete(forgotten);
}

/** The shared lock of that name, without those who have left. */
export function settled(locks: Locks, name: string): SharedLock | undefined {
  for (const { holder } of locks.departing) {
    const hold = holder.shared?.get(name);
    if (hold !== undefined) drop(locks, hold);
  }
  return locks.shared.get(name);
}

/** One more holder of a shared lock; must not hold it yet. */
export function hold(locks: Locks, name: string, holder: Holder): SharedLock {
  const lock = locks.shared.get(name) ?? newSharedLock(locks, name);
  if (lock.holds.size === 0) locks.vacant.remove(lock);
  const hold: Hold = { lock, holder, before: undefined, after: undefined };
  lock.holds.append(hold);
  holder.shared ??= new NameMap(KEPT_HOLDS_MAX);
  holder.shared.set(lock.name, hold);
  return lock;
}

/** One holder less. */
export function drop(locks: Locks, hold: Hold): void {
  const { lock, holder } = hold;
  lock.holds.remove(hold);
  holder.shared!.delete(lock.name);
  if (lock.holds.size > 0) return;
  locks.vacant.append(lock);
  const forgotten = tooMany(lock, locks.vacant);
  if (forgotten === undefined) return;
  locks.vacant.remove(forgotten);
  locks.shared.delete(forgotten);
}

/** The holder of that number; who holds nothing yet, is made one. */
export function holderOf(locks: Locks, owner: Owner): Holder {
  const known = locks.holders.get(owner);
  if (known !== undefined) return known;
  const holder = newHolder(owner);
  locks.holders.set(owner, holder);
  return holder;
}

export function newHolder(owner: Owner): Holder {
  return { owner, exclusive: new List(), shared: undefined, isGone: false };
}

function newSharedLock(locks: Locks, name: string): SharedLock {
  const lock: SharedLock = {
    name: ownText(name),
    serial: ++locks.serials,
    holds: new List(),
    before: undefined,
    after: undefined,
    hash: 0,
    chained: undefined,
  };
  locks.vacant.append(lock);
  locks.shared.add(lock);
  return lock;
}

/** Which free one must go, now that `freed` has come to them. */
function tooMany<T extends Linked<T> & { name: string }>(freed: T, all: List<T>): T | undefined {
  // Longer ones are seldom busy, and would cost what they are long.
  if (freed.name.length > SHORT_LENGTH_MAX) return freed;
  return all.size > KEPT_MAX ? all.first : undefined;
}
