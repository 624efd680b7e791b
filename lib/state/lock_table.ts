/**
 * The few steps that keep the lock table whole. Pure. Only the rules of locks call them (`locks.ts`,
 * `granting.ts`, `acquiring.ts`, `leaving.ts`, `sweeping.ts`); the laws of `locks.ts` hold here.
 *
 * The last few names that were given back stay, free. Why: the runtime's `Map` leaves a mark where a
 * key was deleted until it next rebuilds its table, and passes all marks of a key's bucket to find
 * the key. Among 100,000 others, a lock that is taken and given back again and again would get a
 * thousand times slower.
 */
import { Agenda } from "./agenda.ts";
import type { Ending } from "./journal.ts";
import { type Linked, List } from "./list.ts";
import type {
  Hold,
  Holder,
  Holding,
  Lock,
  Locks,
  Owner,
  SharedLock,
  Time,
  Token,
  Tokens,
} from "./lock_model.ts";
import { NameIndex, SHORT_LENGTH_MAX } from "./name_index.ts";
import { NameTable } from "./name_table.ts";
import { NameMap, ownText } from "./names.ts";
import { Past } from "./past.ts";
import { isKept, type Terms } from "./terms.ts";

export type * from "./lock_model.ts";

/** How many names stay when they are free. More in turn leave their marks far from each other. */
const KEPT_MAX = 256;
/** Of the shared locks one owner gives back, how many names stay with it. */
const KEPT_HOLDS_MAX = 16;
const NOBODY: Owner = -1;

/** Whole numbers from 1, for those who need no more. */
class Counter implements Tokens {
  readonly block = { base: 0 };
  nth = 0;
  draw(): void {
    this.nth++;
  }
}

/** @param salt what nobody outside knows. */
export function newLocks(salt = 0, tokens: Tokens = new Counter()): Locks {
  return {
    exclusive: new NameIndex(salt),
    shared: new NameIndex(salt),
    holders: new Map(),
    nobody: newHolder(NOBODY),
    vacant: new List(),
    past: new Past(salt),
    departing: [],
    serials: 0,
    tokens,
    queues: new NameTable(salt),
    waiting: 0,
    arrivals: 0,
    waitingHolders: new Set(),
    agenda: new Agenda(),
    news: [],
    journal: undefined,
    orphans: { exclusive: 0, shared: 0 },
  };
}

/** The record of a name that may be taken, new ones among the free. */
export function lockOf(locks: Locks, name: string): Lock {
  const known = locks.exclusive.get(name);
  if (known !== undefined) return known;
  const lock = locks.past.take(name) ?? newLock(locks, name);
  lock.serial = ++locks.serials;
  locks.nobody.exclusive.append(lock);
  locks.exclusive.add(lock);
  return lock;
}

/** Whether somebody holds it who is still there. */
export function isHeld({ holder }: Lock): boolean {
  return !holder.isGone && holder.owner !== NOBODY;
}

/** A token as a number: that of a holding, or the one drawn last. */
export function tokenOf({ block, nth }: Readonly<Token>): number {
  return block.base + nth;
}

/** A holding gets the token drawn last. */
export function stamp({ tokens }: Locks, holding: Holding): void {
  holding.block = tokens.block;
  holding.nth = tokens.nth;
}

/** A free lock goes to `holder`, with the token drawn last. */
export function take(locks: Locks, lock: Lock, holder: Holder, nowMs: number): void {
  const { past } = lock.holder;
  if (past !== undefined) end(locks, lock, past.how, past.when.nowMs);
  pass(lock, holder);
  stamp(locks, lock);
  lock.sinceMs = nowMs;
}

/** A lock goes back to nobody, and one that has been free for long is forgotten. */
export function free(locks: Locks, lock: Lock, ending: Ending, time: Time): void {
  const { exclusive, nobody } = locks;
  end(locks, lock, ending, locks.journal === undefined ? 0 : time.nowMs);
  pass(lock, nobody);
  const forgotten = tooMany(lock, nobody.exclusive);
  if (forgotten === undefined) return;
  nobody.exclusive.remove(forgotten);
  exclusive.delete(forgotten);
  locks.past.keep(forgotten);
}

/** A holding is over; what is left to do is to give the lock to somebody else. */
function end(locks: Locks, lock: Lock, ending: Ending, nowMs: number): void {
  lock.ending = ending;
  lock.previous = lock.holder;
  locks.journal?.released(lock, ending, nowMs);
  if (lock.terms !== undefined) dissolve(locks, lock, lock.terms);
}

/** A lock goes from one holder to another. */
export function pass(lock: Lock, to: Holder): void {
  lock.holder.exclusive.remove(lock);
  lock.holder = to;
  to.exclusive.append(lock);
}

/** The shared lock of that name, without those who have left. */
export function settled(locks: Locks, name: string): SharedLock | undefined {
  for (const { holder } of locks.departing) {
    const hold = holder.shared?.get(name);
    if (hold !== undefined) drop(locks, hold, holder.past!.how, holder.past!.when);
  }
  return locks.shared.get(name);
}

/** One more holder of a shared lock, with the token drawn last; must not hold it yet. */
export function hold(
  locks: Locks,
  name: string,
  holder: Holder,
  nowMs: number,
): Hold {
  const lock = locks.shared.get(name) ?? newSharedLock(locks, name);
  if (lock.holds.size === 0) locks.vacant.remove(lock);
  const hold: Hold = {
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
export function attach(hold: Hold, holder: Holder): void {
  hold.holder = holder;
  holder.shared ??= new NameMap(KEPT_HOLDS_MAX);
  holder.shared.set(hold.name, hold);
}

/** One holder less. */
export function drop(locks: Locks, hold: Hold, ending: Ending, time: Time): void {
  const { lock, holder } = hold;
  if (locks.journal !== undefined) locks.journal.released(hold, ending, time.nowMs);
  if (hold.terms !== undefined) dissolve(locks, hold, hold.terms);
  lock.holds.remove(hold);
  holder.shared!.delete(lock.name);
  if (lock.holds.size > 0) return;
  locks.vacant.append(lock);
  const forgotten = tooMany(lock, locks.vacant);
  if (forgotten === undefined) return;
  locks.vacant.remove(forgotten);
  locks.shared.delete(forgotten);
}

/** Nothing is agreed on any more. */
function dissolve(locks: Locks, holding: Holding, terms: Terms): void {
  locks.agenda.remove(terms.appointment);
  if (isKept(terms)) holding.holder.kept?.delete(holding);
  holding.terms = undefined;
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
  return {
    owner,
    exclusive: new List(),
    shared: undefined,
    kept: undefined,
    waiter: undefined,
    isGone: false,
    past: undefined,
  };
}

function newLock({ nobody, tokens }: Locks, name: string): Lock {
  return {
    name: ownText(name),
    serial: 0,
    holder: nobody,
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
