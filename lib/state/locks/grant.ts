/**
 * Whether a request can be granted, and granting it: all its names in one step. Pure. The callers
 * in `acquire.ts` and `wait_queue.ts` check for conflicts before they grant.
 */
import {
  attachShared,
  freeExclusive,
  isHeld,
  sharedLockOf,
  stampToken,
  takeExclusive,
  takeShared,
  transferExclusive,
} from "./holds.ts";
import { applyOptions } from "./lease.ts";
import { type AcquireRequest, takesExclusive } from "./lock_request.ts";
import { type ExclusiveLock, type Hold, type LockHolder, modeOf, tokenOf } from "./model.ts";
import type { Conflicts } from "./name_queue.ts";
import type { Busy, Granted, PreviousHold } from "./outcome.ts";
import { getOrCreateLock, type LockStore } from "./store.ts";

/** Returns what can conflict with a request. */
export function conflictsOf({ names, mode, max }: AcquireRequest): Conflicts {
  return {
    wantsSeveral: names.length > 1,
    conflictsWithExclusive: mode !== "shared",
    conflictsWithShared: mode === "write" || mode !== "exclusive" && max < Infinity,
  };
}

/** Returns the hold that `holder` has of that name already, in the table the request is about. */
export function ownHold(
  locks: LockStore,
  holder: LockHolder,
  { mode }: AcquireRequest,
  name: string,
): Hold | undefined {
  if (!takesExclusive(mode)) return holder.shared?.get(name);
  const lock = locks.exclusive.get(name);
  return lock?.holder === holder ? lock : undefined;
}

/** Returns whether no other holder conflicts with the request. The wait queue does not count. */
export function isFree(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
  name: string,
): boolean {
  const { mode, max } = request;
  if (mode !== "shared" && exclusiveOfOther(locks, holder, name) !== undefined) return false;
  if (mode === "exclusive") return true;
  const isOwn = holder.shared?.get(name) !== undefined;
  const others = (sharedLockOf(locks, name)?.holds.size ?? 0) - (isOwn ? 1 : 0);
  return mode === "write" ? others === 0 : isOwn || others < max;
}

/** Returns the exclusive lock of that name if another holder has it. */
export function exclusiveOfOther(
  locks: LockStore,
  holder: LockHolder,
  name: string,
): ExclusiveLock | undefined {
  const lock = locks.exclusive.get(name);
  return lock !== undefined && isHeld(lock) && lock.holder !== holder ? lock : undefined;
}

/** Grants all names of a request, with one token; holds that `holder` has already get it as well. */
export function grant(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
  sinceMs: number,
  nowMs: number,
): Granted {
  const waitedMs = nowMs - sinceMs;
  if (locks.departures.length > 0) {
    for (const name of request.names) removeDeparted(locks, name);
  }
  locks.tokens.next();
  const previous: PreviousHold[] = [];
  const counts = request.names.map((name) => {
    const lock = takesExclusive(request.mode) ? getOrCreateLock(locks, name) : undefined;
    previous.push(lock === undefined ? findPreviousHold(locks, name) : previousHoldOf(lock));
    const hold = lock === undefined
      ? grantShared(locks, holder, name, nowMs)
      : grantExclusive(locks, holder, lock, nowMs);
    applyOptions(locks, hold, request, nowMs);
    locks.eventLog?.acquired(hold, waitedMs, nowMs);
    return countHolders(hold);
  });
  return { kind: "acquired", token: tokenOf(locks.tokens), counts, previous, waitedMs };
}

function grantExclusive(
  locks: LockStore,
  holder: LockHolder,
  lock: ExclusiveLock,
  nowMs: number,
): ExclusiveLock {
  if (lock.holder === holder) stampToken(locks, lock);
  else takeExclusive(locks, lock, holder, nowMs);
  return lock;
}

function grantShared(
  locks: LockStore,
  holder: LockHolder,
  name: string,
  nowMs: number,
): Hold {
  const own = holder.shared?.get(name);
  if (own === undefined) return takeShared(locks, name, holder, nowMs);
  stampToken(locks, own);
  return own;
}

/** Removes holders that have left before a grant, so that watchers see the events in this order. */
function removeDeparted(locks: LockStore, name: string): void {
  const lock = locks.exclusive.get(name);
  if (lock?.holder.isGone) {
    const { ending, when } = lock.holder.departed!;
    freeExclusive(locks, lock, ending, when);
  }
  sharedLockOf(locks, name);
}

/**
 * Grants a request for exactly what `holder` holds already: only the terms change. Returns undefined
 * for any other request.
 */
export function confirmHeld(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
  nowMs: number,
): Granted | undefined {
  if (holder.exclusive.size === 0 && holder.shared === undefined) return undefined;
  const holds: Hold[] = [];
  for (const name of request.names) {
    const own = ownHold(locks, holder, request, name);
    if (own === undefined || modeOf(own) !== request.mode) return undefined;
    if (tokenOf(own) !== tokenOf(holds[0] ?? own)) return undefined;
    holds.push(own);
  }
  for (const name of request.names) sharedLockOf(locks, name); // holders that have left do not count
  for (const own of holds) applyOptions(locks, own, request, nowMs);
  return {
    kind: "acquired",
    token: tokenOf(holds[0]!),
    counts: holds.map(countHolders),
    previous: request.names.map((name) => findPreviousHold(locks, name)),
    waitedMs: 0,
  };
}

function countHolders(hold: Hold): number {
  return "lock" in hold ? hold.lock.holds.size : 1;
}

/** Returns how the last completed exclusive hold of that name ended. */
function findPreviousHold(locks: LockStore, name: string): PreviousHold {
  const lock = locks.exclusive.get(name) ?? locks.endedLocks.get(name);
  return lock === undefined ? { ending: "none", previous: undefined } : previousHoldOf(lock);
}

function previousHoldOf({ holder, ending, previous }: ExclusiveLock): PreviousHold {
  return holder.departed !== undefined && holder.isGone
    ? { ending: holder.departed.ending, previous: holder }
    : { ending, previous };
}

/** Returns the first name that cannot be granted, because of other holders or waiters ahead. */
export function findConflict(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
): Busy | undefined {
  const name = request.names.find((name) => {
    if (!isFree(locks, holder, request, name)) return true;
    const head = locks.queues.get(name)?.head;
    return head !== undefined && head.priority >= request.priority &&
      ownHold(locks, holder, request, name) === undefined;
  });
  return name === undefined ? undefined : busyWith(locks, holder, request, name);
}

/** Describes the conflict at that name: the holder in the way, or any other if only waiters are. */
export function busyWith(
  locks: LockStore,
  holder: LockHolder,
  { mode }: AcquireRequest,
  name: string,
): Busy {
  const exclusive = exclusiveOfOther(locks, holder, name);
  const shared = sharedOfOther(locks, holder, name);
  const first = mode === "shared" ? shared ?? exclusive : exclusive ?? shared;
  return {
    kind: "busy",
    name,
    holder: first?.holder,
    sinceMs: first?.sinceMs ?? 0,
    why: first?.terms?.why ?? "",
    queueLength: locks.queues.get(name)?.size ?? 0,
  };
}

function sharedOfOther(locks: LockStore, holder: LockHolder, name: string): Hold | undefined {
  for (const hold of sharedLockOf(locks, name)?.holds ?? []) {
    if (hold.holder !== holder) return hold;
  }
  return undefined;
}

/** Moves a hold to another connection of the same client, unchanged. */
export function transfer(hold: Hold, to: LockHolder): void {
  if (!("lock" in hold)) return transferExclusive(hold, to);
  hold.holder.shared!.delete(hold.name);
  attachShared(hold, to);
}
