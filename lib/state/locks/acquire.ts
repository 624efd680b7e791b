/**
 * Asking for locks in the extended words: several names at once, in four modes, with or without
 * waiting. Pure.
 *
 * Laws
 * 1. Of several names, all are had in one step or none.
 * 2. Nobody is granted what somebody ahead waits for, but what one holds already is one's own.
 * 3. What one holds oneself never stands in one's own way.
 */
import { GRACE_LOCKS_MAX } from "../../limits.ts";
import type { TimeSource } from "../../clock.ts";
import { findCycle, findCycleOf } from "./deadlock.ts";
import { busyWith, confirm, grant, obstacle, ownOf } from "./grant.ts";
import {
  drop,
  free,
  holderOf,
  type Holding,
  isHeld,
  type LockHolder,
  type LockStore,
  type Owner,
  settled,
} from "./store.ts";
import type { Ending } from "./event_log.ts";
import { abandonWait, enqueue, grantWaitersOf, loseOwnPriority } from "./wait_queue.ts";
import { cleanUpSome } from "./cleanup.ts";
import { agree, lease } from "./lease.ts";
import type {
  AcquireRequest,
  Busy,
  Deadlock,
  Granted,
  LimitReached,
  LockWaiter,
  WaitListener,
} from "./lock_request.ts";

/** Has a wish at once, or tells what stands against it. */
export function acquireAll(
  locks: LockStore,
  owner: Owner,
  wish: AcquireRequest,
  { nowMs }: TimeSource,
): Granted | Busy | LimitReached {
  cleanUpSome(locks, wish.names.length);
  const holder = holderOf(locks, owner);
  if (wish.graceMs && wouldBeKept(locks, holder, wish) > GRACE_LOCKS_MAX) {
    return { kind: "limit", what: "kept" };
  }
  return confirm(locks, holder, wish, nowMs) ??
    obstacle(locks, holder, wish) ??
    grant(locks, holder, wish, nowMs, nowMs);
}

/** How much would be kept for the holder; what it has of that already is none the more. */
function wouldBeKept(locks: LockStore, holder: LockHolder, wish: AcquireRequest): number {
  const { withGrace = new Set() } = holder;
  const isKept = (name: string) => {
    const own = ownOf(locks, holder, wish, name);
    return own !== undefined && withGrace.has(own);
  };
  const most = withGrace.size + wish.names.length;
  return most > GRACE_LOCKS_MAX ? most - wish.names.filter(isKept).length : most;
}

/**
 * The same, and waits where it must: the ear hears what comes of it.
 * @param waitMs how long, Infinity for ever
 * @param waitingMax how many may wait at a time
 */
export function acquireOrWait(
  locks: LockStore,
  owner: Owner,
  wish: AcquireRequest,
  waitMs: number,
  waitingMax: number,
  ear: WaitListener,
  time: TimeSource,
): Granted | Deadlock | LimitReached | { readonly kind: "waiting" } {
  const outcome = acquireAll(locks, owner, wish, time);
  if (outcome.kind !== "busy") return outcome;
  const holder = holderOf(locks, owner);
  const cycle = findCycle(locks, holder, wish);
  if (cycle === "unknown") return { kind: "limit", what: "circles" };
  if (cycle !== undefined) return { kind: "deadlock", cycle };
  if (locks.waiting >= waitingMax) return { kind: "limit", what: "waiting" };
  enqueue(locks, holder, wish, waitMs, ear, time);
  return { kind: "waiting" };
}

/** The end of a waiter's patience; the names whose queues are to be served then. */
export function timeOut(locks: LockStore, waiter: LockWaiter, time: TimeSource): string[] {
  const { holder, request, listener, sinceMs } = waiter;
  const opened = abandonWait(locks, waiter, "timeout", time); // it has not been in its own way
  const busy = obstacle(locks, holder, request) ??
    busyWith(locks, holder, request, request.names[0]!);
  const waitedMs = time.nowMs - sinceMs;
  locks.outcomes.push({ listener, outcome: { kind: "timeout", waitedMs, busy } });
  return opened;
}

/** Which of the two locks of a name somebody means; undefined: both. */
export type Kind = "exclusive" | "shared" | undefined;

/** What the owner holds under some names, and those under which it holds nothing. */
function holdingsOf(
  locks: LockStore,
  holder: LockHolder | undefined,
  names: readonly string[],
  kind: Kind,
): { holdings: Holding[]; missing: string[] } {
  const holdings: Holding[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const before = holdings.length;
    const lock = kind === "shared" ? undefined : locks.exclusive.get(name);
    if (lock !== undefined && lock.holder === holder) holdings.push(lock);
    const hold = kind === "exclusive" ? undefined : holder?.shared?.get(name);
    if (hold !== undefined) holdings.push(hold);
    if (holdings.length === before) missing.push(name);
  }
  return { holdings, missing };
}

/** Gives back all of `names`, or nothing: how many holdings that were, or the names not held. */
export function releaseAll(
  locks: LockStore,
  owner: Owner,
  names: readonly string[],
  kind: Kind,
  time: TimeSource,
): number | string[] {
  const holder = locks.holders.get(owner);
  const { holdings, missing } = holdingsOf(locks, holder, names, kind);
  if (missing.length > 0) return missing;
  for (const holding of holdings) endHold(locks, holding, "released", time);
  grantWaitersOf(locks, names, time);
  return holdings.length;
}

/** Ends a holding; the queue is to be served then. */
export function endHold(
  locks: LockStore,
  holding: Holding,
  how: Ending,
  time: TimeSource,
): void {
  const { holder } = holding;
  if ("lock" in holding) drop(locks, holding, how, time);
  else free(locks, holding, how, time);
  if (holder.waiter !== undefined) moveBack(locks, holder.waiter, holding.name, time);
  if (holder.departed === undefined || holder.isGone) return;
  // Who has left stays only for what it keeps.
  if (holder.withGrace?.size === 0) locks.holders.delete(holder.owner);
  if (how !== "released") locks.orphans["lock" in holding ? "shared" : "exclusive"]++;
}

/** Who waits may have lost what it held of a name: others may be ahead now, and wait for it. */
function moveBack(locks: LockStore, waiter: LockWaiter, name: string, time: TimeSource): void {
  const { holder, request, listener } = waiter;
  if (ownOf(locks, holder, request, name) !== undefined || !loseOwnPriority(waiter, name)) return;
  const cycle = findCycleOf(locks, waiter);
  if (cycle === undefined) return;
  const opened = abandonWait(locks, waiter, "leave", time);
  const outcome = cycle === "unknown"
    ? { kind: "limit", what: "circles" } as const
    : { kind: "deadlock", cycle } as const;
  locks.outcomes.push({ listener, outcome });
  grantWaitersOf(locks, opened, time);
}

/** Starts the lease of what the owner holds under a name anew; false when it holds nothing. */
export function renew(
  locks: LockStore,
  owner: Owner,
  name: string,
  leaseMs: number,
  { nowMs }: TimeSource,
): boolean {
  const { holdings } = holdingsOf(locks, locks.holders.get(owner), [name], undefined);
  for (const holding of holdings) {
    const { terms } = holding;
    if (terms !== undefined) lease(locks, terms, leaseMs, nowMs);
    else {
      const mode = "lock" in holding ? "shared" : "exclusive";
      agree(locks, holding, { mode, leaseMs, graceMs: undefined, why: undefined }, nowMs);
    }
  }
  return holdings.length > 0;
}

/** Ends all holdings of a name, whose ever they are; how many there were. */
export function force(
  locks: LockStore,
  name: string,
  by: Owner,
  why: string,
  time: TimeSource,
): number {
  const lock = locks.exclusive.get(name);
  const holdings: Holding[] = [...settled(locks, name)?.holds ?? []];
  if (lock !== undefined && isHeld(lock)) holdings.unshift(lock);
  if (holdings.length === 0) return 0;
  locks.eventLog?.forced(name, by, why, holdings.length, time.nowMs);
  for (const holding of holdings) endHold(locks, holding, "forced", time);
  grantWaitersOf(locks, [name], time);
  return holdings.length;
}
