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
import { NameMap, ownText } from "./names.ts";

/** What holds a lock: the number of a session, never used again. */
export type Owner = number;

/** An exclusive lock; a free one is among those that nobody holds. */
export interface Lock extends Linked<Lock> {
  readonly name: string;
  /** Which new name of all this was. */
  readonly serial: number;
  holder: Holder;
}

/** A shared lock; a free one is among the vacant. */
export interface SharedLock extends Linked<SharedLock> {
  readonly name: string;
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
  readonly exclusive: Map<string, Lock>;
  readonly shared: Map<string, SharedLock>;
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
/** The longest name that stays: longer ones are seldom busy, and would cost what they are long. */
const KEPT_LENGTH_MAX = 256;
/** Of the shared locks one owner gives back, how many names stay with it. */
const KEPT_HOLDS_MAX = 16;
const NOBODY: Owner = -1;

export function newLocks(): Locks {
  return {
    exclusive: new Map(),
    shared: new Map(),
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
  };
  locks.nobody.exclusive.append(lock);
  locks.exclusive.set(lock.name, lock);
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
  exclusive.delete(forgotten.name);
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
  locks.shared.delete(forgotten.name);
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
  };
  locks.vacant.append(lock);
  locks.shared.set(lock.name, lock);
  return lock;
}

/** Which free one must go, now that `freed` has come to them. */
function tooMany<T extends Linked<T> & { name: string }>(freed: T, all: List<T>): T | undefined {
  if (freed.name.length > KEPT_LENGTH_MAX) return freed;
  return all.size > KEPT_MAX ? all.first : undefined;
}
