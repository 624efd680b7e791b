/**
 * The lock table: who holds what. Pure: no I/O, no clock, no chance, no word of any protocol.
 *
 * Laws
 * 1. Every change of the table is a function of this file.
 * 2. A rule validates, then writes. A refusal is a value and changes nothing.
 * 3. Exclusive and shared locks are two tables: one name may be in both, by different owners.
 * 4. A name nobody holds is in no table, so the size of a table is its number of locks.
 * 5. `holdings` says by owner what the two tables say by name, so that leaving costs what was held.
 *
 * Names are bytes, kept as text of one character a byte; the empty name is a name like any other.
 */
import { NameMap, NameSet } from "./names.ts";

/** What holds a lock: the number of a session, never used again. */
export type Owner = number;

/** The names one owner holds, in the order it took them. */
export interface Holdings {
  readonly exclusive: NameSet;
  readonly shared: NameSet;
}

export interface Locks {
  readonly exclusive: NameMap<Owner>;
  /** The holders of a name in the order they took it. */
  readonly shared: NameMap<Set<Owner>>;
  readonly holdings: Map<Owner, Holdings>;
}

export function newLocks(): Locks {
  return { exclusive: new NameMap(), shared: new NameMap(), holdings: new Map() };
}

/** Takes the exclusive lock `name`: newly granted, already the owner's, or another's. */
export function acquire(
  locks: Locks,
  name: string,
  owner: Owner,
): "granted" | "already held" | "refused" {
  const holder = locks.exclusive.get(name);
  if (holder !== undefined) return holder === owner ? "already held" : "refused";
  locks.exclusive.set(name, owner);
  holdingsOf(locks, owner).exclusive.add(name);
  return "granted";
}

/** Gives the exclusive lock `name` back; false when the owner does not hold it. */
export function release(locks: Locks, name: string, owner: Owner): boolean {
  if (locks.exclusive.get(name) !== owner) return false;
  locks.exclusive.delete(name);
  locks.holdings.get(owner)?.exclusive.delete(name);
  return true;
}

/** How the exclusive lock `name` looks to `owner`. */
export function inspect(
  locks: Locks,
  name: string,
  owner: Owner,
): "free" | "own" | "another's" {
  const holder = locks.exclusive.get(name);
  if (holder === undefined) return "free";
  return holder === owner ? "own" : "another's";
}

/** Takes the shared lock `name`, once however often asked; the count of holders with this one. */
export function acquireShared(locks: Locks, name: string, owner: Owner): number {
  const holders = locks.shared.get(name);
  if (holders === undefined) locks.shared.set(name, new Set([owner]));
  else holders.add(owner);
  holdingsOf(locks, owner).shared.add(name);
  return holders === undefined ? 1 : holders.size;
}

/** Gives the shared lock `name` back; false when the owner does not hold it. */
export function releaseShared(locks: Locks, name: string, owner: Owner): boolean {
  const holders = locks.shared.get(name);
  if (holders === undefined || !holders.delete(owner)) return false;
  if (holders.size === 0) locks.shared.delete(name);
  locks.holdings.get(owner)?.shared.delete(name);
  return true;
}

/** The number of holders of the shared lock `name`. */
export function countShared(locks: Locks, name: string): number {
  return locks.shared.get(name)?.size ?? 0;
}

/** Gives back everything `owner` holds and tells what that was. Twice is once. */
export function leave(locks: Locks, owner: Owner): Holdings {
  const holdings = locks.holdings.get(owner);
  if (holdings === undefined) return newHoldings();
  locks.holdings.delete(owner);
  for (const name of holdings.exclusive) locks.exclusive.delete(name);
  for (const name of holdings.shared) {
    const holders = locks.shared.get(name);
    holders?.delete(owner);
    if (holders?.size === 0) locks.shared.delete(name);
  }
  return holdings;
}

function newHoldings(): Holdings {
  return { exclusive: new NameSet(), shared: new NameSet() };
}

function holdingsOf(locks: Locks, owner: Owner): Holdings {
  let holdings = locks.holdings.get(owner);
  if (holdings === undefined) {
    holdings = newHoldings();
    locks.holdings.set(owner, holdings);
  }
  return holdings;
}
