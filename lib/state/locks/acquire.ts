/**
 * The rules behind the extended commands: several names at once, in four modes, with or without
 * waiting. Pure.
 *
 * Rules
 * 1. A request for several names is granted in one step, or not at all.
 * 2. A request is granted nothing that a waiter ahead of it waits for, unless its holder has it.
 * 3. A holder's own locks never block its own requests.
 */
import type { TimeSource } from "../../clock.ts";
import { GRACE_LOCKS_MAX } from "../../limits.ts";
import { cleanUpSome } from "./cleanup.ts";
import { findCycle, findCycleOf } from "./deadlock.ts";
import { busyWith, confirmHeld, findConflict, grant, ownHold } from "./grant.ts";
import { dropShared, freeExclusive, isHeld, sharedLockOf } from "./holds.ts";
import { applyOptions, startLease } from "./lease.ts";
import type { AcquireRequest } from "./lock_request.ts";
import type { Hold, LockHolder, LockWaiter } from "./model.ts";
import type { Busy, Deadlock, Ending, Granted, LimitReached, WaitListener } from "./outcome.ts";
import type { Owner } from "./party.ts";
import { getOrCreateHolder, type LockStore } from "./store.ts";
import { abandonWait, dropHolderPriority, enqueue, grantNextForAll } from "./wait_queue.ts";

/** Grants a request at once, or returns why it cannot. */
export function acquireAll(
  locks: LockStore,
  owner: Owner,
  request: AcquireRequest,
  { nowMs }: TimeSource,
): Granted | Busy | LimitReached {
  cleanUpSome(locks, request.names.length);
  const holder = getOrCreateHolder(locks, owner);
  if (request.graceMs && graceCountAfter(locks, holder, request) > GRACE_LOCKS_MAX) {
    return { kind: "limit", limit: "grace" };
  }
  return confirmHeld(locks, holder, request, nowMs) ??
    findConflict(locks, holder, request) ??
    grant(locks, holder, request, nowMs, nowMs);
}

/** Returns how many holds with a grace `holder` would have, or some bound within the limit. */
function graceCountAfter(locks: LockStore, holder: LockHolder, request: AcquireRequest): number {
  const { graceHolds = new Set() } = holder;
  const hasGraceAlready = (name: string) => {
    const own = ownHold(locks, holder, request, name);
    return own !== undefined && graceHolds.has(own);
  };
  const most = graceHolds.size + request.names.length;
  return most > GRACE_LOCKS_MAX ? most - request.names.filter(hasGraceAlready).length : most;
}

/**
 * Grants a request at once, or queues it; then `listener` receives the outcome.
 * @param waitMs the longest wait; Infinity for no limit
 * @param waitersMax how many may wait at a time
 */
export function acquireOrWait(
  locks: LockStore,
  owner: Owner,
  request: AcquireRequest,
  waitMs: number,
  waitersMax: number,
  listener: WaitListener,
  time: TimeSource,
): Granted | Deadlock | LimitReached | { readonly kind: "waiting" } {
  const outcome = acquireAll(locks, owner, request, time);
  if (outcome.kind !== "busy") return outcome;
  const holder = getOrCreateHolder(locks, owner);
  const cycle = findCycle(locks, holder, request);
  if (cycle === "unknown") return { kind: "limit", limit: "deadlock search" };
  if (cycle !== undefined) return { kind: "deadlock", cycle };
  if (locks.waiterCount >= waitersMax) return { kind: "limit", limit: "waiters" };
  enqueue(locks, holder, request, waitMs, listener, time);
  return { kind: "waiting" };
}

/** Ends a wait that has timed out. Returns the names to call `grantWaitersOf` with. */
export function timeOut(locks: LockStore, waiter: LockWaiter, time: TimeSource): string[] {
  const { holder, request, listener, sinceMs } = waiter;
  // First, as its own entries must not count as a conflict.
  const unblocked = abandonWait(locks, waiter, "timeout", time);
  const busy = findConflict(locks, holder, request) ??
    busyWith(locks, holder, request, request.names[0]!);
  const waitedMs = time.nowMs - sinceMs;
  locks.outcomes.push({ listener, outcome: { kind: "timeout", waitedMs, busy } });
  return unblocked;
}

/** Which of the two locks of a name is meant; undefined: both. */
export type LockKind = "exclusive" | "shared" | undefined;

/** Returns the holds of `holder` under some names, and the names that it does not hold. */
function findHolds(
  locks: LockStore,
  holder: LockHolder | undefined,
  names: readonly string[],
  kind: LockKind,
): { holds: Hold[]; missing: string[] } {
  const holds: Hold[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const before = holds.length;
    const lock = kind === "shared" ? undefined : locks.exclusive.get(name);
    if (lock !== undefined && lock.holder === holder) holds.push(lock);
    const hold = kind === "exclusive" ? undefined : holder?.shared?.get(name);
    if (hold !== undefined) holds.push(hold);
    if (holds.length === before) missing.push(name);
  }
  return { holds, missing };
}

/** Releases all of `names`, or none. Returns the number of holds, or the names that are not held. */
export function releaseAll(
  locks: LockStore,
  owner: Owner,
  names: readonly string[],
  kind: LockKind,
  time: TimeSource,
): number | string[] {
  const holder = locks.holders.get(owner);
  const { holds, missing } = findHolds(locks, holder, names, kind);
  if (missing.length > 0) return missing;
  for (const hold of holds) endHold(locks, hold, "released", time);
  grantNextForAll(locks, names, time);
  return holds.length;
}

/** Ends a hold of a holder that does not wait. The caller grants the waiters for its name. */
export function endHold(
  locks: LockStore,
  hold: Hold,
  ending: Ending,
  time: TimeSource,
): void {
  const { holder } = hold;
  if ("lock" in hold) dropShared(locks, hold, ending, time);
  else freeExclusive(locks, hold, ending, time);
  if (holder.departed === undefined || holder.isGone) return;
  // A holder whose session has ended stays only as long as it has holds.
  if (holder.graceHolds?.size === 0) locks.holders.delete(holder.owner);
  if (ending !== "released") locks.orphans["lock" in hold ? "shared" : "exclusive"]++;
}

/**
 * Ends a hold of a holder that may wait. A waiter that loses `HOLDER_PRIORITY` for the name is added
 * to `moved`. The caller ends all that ends in this step, and then calls `completeStep`.
 */
export function revoke(
  locks: LockStore,
  hold: Hold,
  ending: Ending,
  time: TimeSource,
  moved: Set<LockWaiter>,
): void {
  const { name, holder } = hold;
  const { waiter } = holder;
  endHold(locks, hold, ending, time);
  if (waiter === undefined || ownHold(locks, holder, waiter.request, name) !== undefined) return;
  if (dropHolderPriority(waiter, name)) moved.add(waiter);
}

/**
 * Grants the waiters for `names`, then ends the waits of `moved` that are in a cycle: other waiters
 * may be ahead of them now. The newest wait ends first, as it would if it began only now. The search
 * comes last, because endings and grants of the same step can open a cycle again.
 */
export function completeStep(
  locks: LockStore,
  names: Iterable<string>,
  moved: ReadonlySet<LockWaiter>,
  time: TimeSource,
): void {
  grantNextForAll(locks, names, time);
  for (const waiter of [...moved].sort((a, b) => b.serial - a.serial)) {
    const { holder, listener } = waiter;
    if (holder.waiter !== waiter) continue; // it has been granted or has timed out
    const cycle = findCycleOf(locks, waiter);
    if (cycle === undefined) continue;
    const unblocked = abandonWait(locks, waiter, "leave", time);
    const outcome = cycle === "unknown"
      ? { kind: "limit", limit: "deadlock search" } as const
      : { kind: "deadlock", cycle } as const;
    locks.outcomes.push({ listener, outcome });
    grantNextForAll(locks, unblocked, time);
  }
}

/** Renews the leases of the owner's holds of a name. Returns false when it has none. */
export function renew(
  locks: LockStore,
  owner: Owner,
  name: string,
  leaseMs: number,
  { nowMs }: TimeSource,
): boolean {
  const { holds } = findHolds(locks, locks.holders.get(owner), [name], undefined);
  for (const hold of holds) {
    const { terms } = hold;
    if (terms !== undefined) startLease(locks, terms, leaseMs, nowMs);
    else {
      const mode = "lock" in hold ? "shared" : "exclusive";
      applyOptions(locks, hold, { mode, leaseMs, graceMs: undefined, why: undefined }, nowMs);
    }
  }
  return holds.length > 0;
}

/** Ends all holds of a name, of every holder. Returns the number of holds. */
export function force(
  locks: LockStore,
  name: string,
  by: Owner,
  why: string,
  time: TimeSource,
): number {
  const lock = locks.exclusive.get(name);
  const holds: Hold[] = [...sharedLockOf(locks, name)?.holds ?? []];
  if (lock !== undefined && isHeld(lock)) holds.unshift(lock);
  if (holds.length === 0) return 0;
  locks.eventLog?.forced(name, by, why, holds.length, time.nowMs);
  const moved = new Set<LockWaiter>();
  for (const hold of holds) revoke(locks, hold, "forced", time, moved);
  completeStep(locks, [name], moved, time);
  return holds.length;
}
