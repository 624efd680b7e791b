/**
 * The rules of locks: who holds what. Pure: no I/O, no clock, no chance, no word of any protocol.
 *
 * Laws
 * 1. Every change of the table (`lock_table.ts`) is a function of this file.
 * 2. A rule validates, then writes. A refusal is a value and changes nothing.
 * 3. Exclusive and shared locks are two tables: one name may be in both, by different owners.
 * 4. A lock knows its holder and a holder its locks: a request costs one look-up, leaving nothing.
 * 5. Who has left, holds nothing, from that moment. Forgetting it costs what it held, and may take
 *    its time (`sweep`): only who counts all locks wants it done.
 *
 * Names are bytes, kept as text of one character a byte; the empty name is a name like any other.
 */
import {
  drop,
  free,
  hold,
  holderOf,
  isHeld,
  lockOf,
  type Locks,
  newHolder,
  type Owner,
  pass,
  settled,
} from "./lock_table.ts";
import { NameMap } from "./names.ts";

export { type Locks, newLocks, type Owner } from "./lock_table.ts";

/** Takes the exclusive lock `name`: newly granted, already the owner's, or another's. */
export function acquire(
  locks: Locks,
  name: string,
  owner: Owner,
): "granted" | "already held" | "refused" {
  repay(locks);
  const lock = lockOf(locks, name);
  if (isHeld(lock)) return lock.holder.owner === owner ? "already held" : "refused";
  pass(lock, holderOf(locks, owner));
  return "granted";
}

/** Gives the exclusive lock `name` back; false when the owner does not hold it. */
export function release(locks: Locks, name: string, owner: Owner): boolean {
  const holder = locks.holders.get(owner);
  // Mostly it is what was taken last, and comparing two names costs less than looking one up.
  const last = holder?.exclusive.last;
  const lock = last?.name === name ? last : locks.exclusive.get(name);
  if (lock === undefined || lock.holder !== holder) return false;
  free(locks, lock);
  return true;
}

/** How the exclusive lock `name` looks to `owner`. */
export function inspect(
  locks: Locks,
  name: string,
  owner: Owner,
): "free" | "own" | "another's" {
  const holder = holderOfName(locks, name);
  if (holder === undefined) return "free";
  return holder === owner ? "own" : "another's";
}

/** Who holds the exclusive lock `name`. */
export function holderOfName(locks: Locks, name: string): Owner | undefined {
  const lock = locks.exclusive.get(name);
  return lock !== undefined && isHeld(lock) ? lock.holder.owner : undefined;
}

/** Takes the shared lock `name`, once however often asked; the count of holders with this one. */
export function acquireShared(locks: Locks, name: string, owner: Owner): number {
  repay(locks);
  const known = settled(locks, name);
  const holder = holderOf(locks, owner);
  if (holder.shared?.get(name) !== undefined) return known!.holds.size;
  return hold(locks, name, holder).holds.size;
}

/** Gives the shared lock `name` back; false when the owner does not hold it. */
export function releaseShared(locks: Locks, name: string, owner: Owner): boolean {
  const hold = locks.holders.get(owner)?.shared?.get(name);
  if (hold === undefined) return false;
  drop(locks, hold);
  return true;
}

/** The owners that hold the shared lock `name`, in the order they took it. */
export function holdersShared(locks: Locks, name: string): Owner[] {
  return Array.from(settled(locks, name)?.holds ?? [], ({ holder }) => holder.owner);
}

/** The number of holders of the shared lock `name`. */
export function countShared(locks: Locks, name: string): number {
  return settled(locks, name)?.holds.size ?? 0;
}

/** How many locks are taken; nobody may be departing. */
export function countLocks({ exclusive, shared, nobody, vacant }: Locks): {
  exclusive: number;
  shared: number;
} {
  return { exclusive: exclusive.size - nobody.exclusive.size, shared: shared.size - vacant.size };
}

/** What a departure gave back. */
export interface Departure {
  readonly exclusive: number;
  readonly shared: number;
  /** The names in the order they were taken, for who wants to know. */
  readonly names?: { readonly exclusive: string[]; readonly shared: string[] };
}

/**
 * Gives back everything `owner` holds, in one moment however much it is; what it held is forgotten
 * by `sweep`. Twice is once.
 */
export function leave(locks: Locks, owner: Owner, withNames = false): Departure {
  const holder = locks.holders.get(owner) ?? newHolder(owner);
  const counts = { exclusive: holder.exclusive.size, shared: holder.shared?.size ?? 0 };
  const names = withNames
    ? {
      exclusive: Array.from(holder.exclusive, ({ name }) => name),
      shared: Array.from(holder.shared ?? [], ([name]) => name),
    }
    : undefined;
  holder.isGone = true;
  locks.holders.delete(owner);
  if (counts.exclusive + counts.shared > 0) {
    locks.departing.push({ holder, holds: (holder.shared ?? new NameMap())[Symbol.iterator]() });
  }
  return names === undefined ? counts : { ...counts, names };
}

/** Who takes one, forgets two: what is to be forgotten cannot grow faster than it goes. */
function repay(locks: Locks): void {
  if (locks.departing.length > 0) sweep(locks, 2);
}

/** Forgets what those who have left held, at most `limit` of it; false when more is left. */
export function sweep(locks: Locks, limit: number): boolean {
  for (let left = limit; left > 0 && locks.departing.length > 0; left--) {
    const { holder, holds } = locks.departing[0]!;
    const lock = holder.exclusive.first;
    if (lock !== undefined) {
      free(locks, lock);
      continue;
    }
    const { done, value } = holds.next();
    if (done) locks.departing.shift();
    else drop(locks, value[1]);
  }
  return locks.departing.length === 0;
}

/**
 * The names of all exclusive locks, for who reads them by and by while others go on: one that is
 * taken all the time is there once, what is new since the beginning keeps nobody reading. Undefined
 * stands where there is nothing to tell: a reader of very many may pause there as well.
 */
export function* listLocks({ exclusive, serials }: Locks): Iterable<string | undefined> {
  for (const lock of exclusive) {
    if (lock.serial > serials) return;
    yield isHeld(lock) ? lock.name : undefined;
  }
}

/** The same of shared locks. */
export function* listShared({ shared, serials }: Locks): Iterable<string | undefined> {
  for (const { name, serial, holds } of shared) {
    if (serial > serials) return;
    yield holds.size > 0 ? name : undefined;
  }
}
