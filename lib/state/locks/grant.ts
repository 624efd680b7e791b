/**
 * Whether a wish can be had, and having it: all its names in one step. Pure. Whoever grants has
 * judged before; the rules that do are `acquiring.ts` and `serving.ts`.
 */
import {
  attach,
  type ExclusiveLock,
  free,
  hold,
  type Holding,
  isHeld,
  type LockHolder,
  lockOf,
  type LockStore,
  settled,
  stamp,
  take,
  tokenOf,
  transferExclusive,
} from "./store.ts";
import type { Conflicts } from "./name_queue.ts";
import { agree, isExclusive, modeOf } from "./lease.ts";
import type { AcquireRequest, Busy, Granted, PreviousHold } from "./lock_request.ts";

/** Who can be in the way of one who wishes so. */
export function conflictsOf({ names, mode, max }: AcquireRequest): Conflicts {
  return {
    wantsSeveral: names.length > 1,
    conflictsWithExclusive: mode !== "shared",
    conflictsWithShared: mode === "write" || mode !== "exclusive" && max < Infinity,
  };
}

/** What `holder` holds of that name already, in the table that the wish is about. */
export function ownOf(
  locks: LockStore,
  holder: LockHolder,
  { mode }: AcquireRequest,
  name: string,
): Holding | undefined {
  if (!isExclusive(mode)) return holder.shared?.get(name);
  const lock = locks.exclusive.get(name);
  return lock?.holder === holder ? lock : undefined;
}

/** Whether nobody else's holding stands against it; queues are another matter. */
export function isFree(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
  name: string,
): boolean {
  const { mode, max } = wish;
  if (mode !== "shared" && exclusiveOfOthers(locks, holder, name) !== undefined) return false;
  if (mode === "exclusive") return true;
  const isOwn = holder.shared?.get(name) !== undefined;
  const others = (settled(locks, name)?.holds.size ?? 0) - (isOwn ? 1 : 0);
  return mode === "write" ? others === 0 : isOwn || others < max;
}

/** The exclusive lock of that name, if another one has it. */
export function exclusiveOfOthers(
  locks: LockStore,
  holder: LockHolder,
  name: string,
): ExclusiveLock | undefined {
  const lock = locks.exclusive.get(name);
  return lock !== undefined && isHeld(lock) && lock.holder !== holder ? lock : undefined;
}

/** Gives `holder` all of it, with one token; what it held already gets that token as well. */
export function grant(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
  sinceMs: number,
  nowMs: number,
): Granted {
  const waitedMs = nowMs - sinceMs;
  if (locks.departures.length > 0) { for (const name of wish.names) forgetGone(locks, name); }
  locks.tokens.next();
  const previous: PreviousHold[] = [];
  const counts = wish.names.map((name) => {
    const lock = isExclusive(wish.mode) ? lockOf(locks, name) : undefined;
    previous.push(lock === undefined ? previousOf(locks, name) : endOf(lock));
    const holding = lock === undefined
      ? grantShared(locks, holder, name, nowMs)
      : grantExclusive(locks, holder, lock, nowMs);
    agree(locks, holding, wish, nowMs);
    locks.eventLog?.acquired(holding, waitedMs, nowMs);
    return countOf(holding);
  });
  return { kind: "acquired", token: tokenOf(locks.tokens), counts, previous, waitedMs };
}

function grantExclusive(
  locks: LockStore,
  holder: LockHolder,
  lock: ExclusiveLock,
  nowMs: number,
): ExclusiveLock {
  if (lock.holder === holder) stamp(locks, lock);
  else take(locks, lock, holder, nowMs);
  return lock;
}

function grantShared(
  locks: LockStore,
  holder: LockHolder,
  name: string,
  nowMs: number,
): Holding {
  const own = holder.shared?.get(name);
  if (own === undefined) return hold(locks, name, holder, nowMs);
  stamp(locks, own);
  return own;
}

/** Who has left is forgotten before somebody else gets the name: those who watch are told in this order. */
function forgetGone(locks: LockStore, name: string): void {
  const lock = locks.exclusive.get(name);
  if (lock?.holder.isGone) free(locks, lock, lock.holder.departed!.how, lock.holder.departed!.when);
  settled(locks, name);
}

/** What `holder` has already, if that is just what it wishes for: nothing new but the terms. */
export function confirm(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
  nowMs: number,
): Granted | undefined {
  if (holder.exclusive.size === 0 && holder.shared === undefined) return undefined;
  const holdings: Holding[] = [];
  for (const name of wish.names) {
    const own = ownOf(locks, holder, wish, name);
    if (own === undefined || modeOf(own) !== wish.mode) return undefined;
    if (tokenOf(own) !== tokenOf(holdings[0] ?? own)) return undefined;
    holdings.push(own);
  }
  for (const name of wish.names) settled(locks, name); // who has left is not counted
  for (const own of holdings) agree(locks, own, wish, nowMs);
  return {
    kind: "acquired",
    token: tokenOf(holdings[0]!),
    counts: holdings.map(countOf),
    previous: wish.names.map((name) => previousOf(locks, name)),
    waitedMs: 0,
  };
}

function countOf(holding: Holding): number {
  return "lock" in holding ? holding.lock.holds.size : 1;
}

/** How the last exclusive holding of that name ended, the one of today not counted. */
function previousOf(locks: LockStore, name: string): PreviousHold {
  const lock = locks.exclusive.get(name) ?? locks.endedLocks.get(name);
  return lock === undefined ? { ending: "none", previous: undefined } : endOf(lock);
}

function endOf({ holder, ending, previous }: ExclusiveLock): PreviousHold {
  return holder.departed !== undefined && holder.isGone
    ? { ending: holder.departed.how, previous: holder }
    : { ending, previous };
}

/** The first name that cannot be had, for others that have it or would stand ahead. */
export function obstacle(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
): Busy | undefined {
  const name = wish.names.find((name) => {
    if (!isFree(locks, holder, wish, name)) return true;
    const head = locks.queues.get(name)?.head;
    return head !== undefined && head.priority >= wish.priority &&
      ownOf(locks, holder, wish, name) === undefined;
  });
  return name === undefined ? undefined : busyWith(locks, holder, wish, name);
}

/** Who is in the way at that name; else who holds it, while its queue is in the way. */
export function busyWith(
  locks: LockStore,
  holder: LockHolder,
  { mode }: AcquireRequest,
  name: string,
): Busy {
  const exclusive = exclusiveOfOthers(locks, holder, name);
  const shared = sharedOfOthers(locks, holder, name);
  const first = mode === "shared" ? shared ?? exclusive : exclusive ?? shared;
  return {
    kind: "busy",
    name,
    holder: first?.holder,
    sinceMs: first?.sinceMs ?? 0,
    why: first?.terms?.why ?? "",
    waiting: locks.queues.get(name)?.size ?? 0,
  };
}

function sharedOfOthers(locks: LockStore, holder: LockHolder, name: string): Holding | undefined {
  for (const hold of settled(locks, name)?.holds ?? []) if (hold.holder !== holder) return hold;
  return undefined;
}

/** A holding goes to another connection of the same party, as it is. */
export function transfer(holding: Holding, to: LockHolder): void {
  if (!("lock" in holding)) return transferExclusive(holding, to);
  holding.holder.shared!.delete(holding.name);
  attach(holding, to);
}
