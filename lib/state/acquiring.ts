/**
 * Asking for locks in the extended words: several names at once, in four modes, with or without
 * waiting. Pure.
 *
 * Laws
 * 1. Of several names, all are had in one step or none.
 * 2. Nobody is granted what somebody ahead waits for, but what one holds already is one's own.
 * 3. What one holds oneself never stands in one's own way.
 */
import { findCycle, findCycleOf } from "./deadlock.ts";
import { busyWith, confirm, grant, obstacle, ownOf } from "./granting.ts";
import {
  drop,
  free,
  type Holder,
  holderOf,
  type Holding,
  isHeld,
  type Locks,
  type Owner,
  settled,
  type Time,
} from "./lock_table.ts";
import type { Ending } from "./journal.ts";
import { enqueue, giveUp, serveAll, standInLine } from "./serving.ts";
import { repay } from "./sweeping.ts";
import { agree, lease } from "./terms.ts";
import type { Busy, Deadlock, Ear, Granted, Limit, Waiter, Wish } from "./waiter.ts";

/** Has a wish at once, or tells what stands against it. */
export function acquireAll(
  locks: Locks,
  owner: Owner,
  wish: Wish,
  { nowMs }: Time,
): Granted | Busy | Limit {
  repay(locks, wish.names.length);
  const holder = holderOf(locks, owner);
  if (wish.graceMs && wouldBeKept(locks, holder, wish) > KEPT_MAX) {
    return { kind: "limit", what: "kept" };
  }
  return confirm(locks, holder, wish, nowMs) ??
    obstacle(locks, holder, wish) ??
    grant(locks, holder, wish, nowMs, nowMs);
}

/** What one connection may have kept for it is handed over in one moment. */
export const KEPT_MAX = 10_000;

/** How much would be kept for the holder; what it has of that already is none the more. */
function wouldBeKept(locks: Locks, holder: Holder, wish: Wish): number {
  const { kept = new Set() } = holder;
  const isKept = (name: string) => {
    const own = ownOf(locks, holder, wish, name);
    return own !== undefined && kept.has(own);
  };
  const most = kept.size + wish.names.length;
  return most > KEPT_MAX ? most - wish.names.filter(isKept).length : most;
}

/**
 * The same, and waits where it must: the ear hears what comes of it.
 * @param waitMs how long, Infinity for ever
 * @param waitingMax how many may wait at a time
 */
export function acquireOrWait(
  locks: Locks,
  owner: Owner,
  wish: Wish,
  waitMs: number,
  waitingMax: number,
  ear: Ear,
  time: Time,
): Granted | Deadlock | Limit | { readonly kind: "waiting" } {
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
export function timeOut(locks: Locks, waiter: Waiter, time: Time): string[] {
  const { holder, wish, ear, sinceMs } = waiter;
  const opened = giveUp(locks, waiter, "timeout", time); // it has not been in its own way
  const busy = obstacle(locks, holder, wish) ?? busyWith(locks, holder, wish, wish.names[0]!);
  const waitedMs = time.nowMs - sinceMs;
  locks.news.push({ ear, outcome: { kind: "timeout", waitedMs, busy } });
  return opened;
}

/** Which of the two locks of a name somebody means; undefined: both. */
export type Kind = "exclusive" | "shared" | undefined;

/** What the owner holds under some names, and those under which it holds nothing. */
function holdingsOf(
  locks: Locks,
  holder: Holder | undefined,
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
  locks: Locks,
  owner: Owner,
  names: readonly string[],
  kind: Kind,
  time: Time,
): number | string[] {
  const holder = locks.holders.get(owner);
  const { holdings, missing } = holdingsOf(locks, holder, names, kind);
  if (missing.length > 0) return missing;
  for (const holding of holdings) giveBack(locks, holding, "released", time);
  serveAll(locks, names, time);
  return holdings.length;
}

/** Ends a holding; the queue is to be served then. */
export function giveBack(
  locks: Locks,
  holding: Holding,
  how: Ending,
  time: Time,
): void {
  const { holder } = holding;
  if ("lock" in holding) drop(locks, holding, how, time);
  else free(locks, holding, how, time);
  if (holder.waiter !== undefined) moveBack(locks, holder.waiter, holding.name, time);
  if (holder.past === undefined || holder.isGone) return;
  // Who has left stays only for what it keeps.
  if (holder.kept?.size === 0) locks.holders.delete(holder.owner);
  if (how !== "released") locks.orphans["lock" in holding ? "shared" : "exclusive"]++;
}

/** Who waits may have lost what it held of a name: others may be ahead now, and wait for it. */
function moveBack(locks: Locks, waiter: Waiter, name: string, time: Time): void {
  const { holder, wish, ear } = waiter;
  if (ownOf(locks, holder, wish, name) !== undefined || !standInLine(waiter, name)) return;
  const cycle = findCycleOf(locks, waiter);
  if (cycle === undefined) return;
  const opened = giveUp(locks, waiter, "leave", time);
  const outcome = cycle === "unknown"
    ? { kind: "limit", what: "circles" } as const
    : { kind: "deadlock", cycle } as const;
  locks.news.push({ ear, outcome });
  serveAll(locks, opened, time);
}

/** Starts the lease of what the owner holds under a name anew; false when it holds nothing. */
export function renew(
  locks: Locks,
  owner: Owner,
  name: string,
  leaseMs: number,
  { nowMs }: Time,
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
export function force(locks: Locks, name: string, by: Owner, why: string, time: Time): number {
  const lock = locks.exclusive.get(name);
  const holdings: Holding[] = [...settled(locks, name)?.holds ?? []];
  if (lock !== undefined && isHeld(lock)) holdings.unshift(lock);
  if (holdings.length === 0) return 0;
  locks.journal?.forced(name, by, why, holdings.length, time.nowMs);
  for (const holding of holdings) giveBack(locks, holding, "forced", time);
  serveAll(locks, [name], time);
  return holdings.length;
}
