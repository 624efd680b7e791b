/** The terms of a hold: how they are agreed on, and when they end the hold. Pure. */
import { NOT_QUEUED } from "../../collections/timer_queue.ts";
import { detached } from "../../text.ts";
import type { HoldOptions } from "./lock_request.ts";
import { hasGrace, type Hold, type LeaseTerms } from "./model.ts";
import type { LockStore } from "./store.ts";

/** Returns whether the options are those of a glockd command, whose holds have no terms. */
function isPlain({ mode, leaseMs, graceMs, why }: HoldOptions): boolean {
  return (mode === "exclusive" || mode === "shared") &&
    leaseMs === undefined && graceMs === undefined && why === undefined;
}

/** Sets the terms of a hold; options that are undefined leave the present ones. */
export function applyOptions(
  locks: LockStore,
  hold: Hold,
  options: HoldOptions,
  nowMs: number,
): void {
  if (hold.terms === undefined && isPlain(options)) return;
  const terms = hold.terms ??= {
    mode: options.mode,
    why: "",
    leaseMs: undefined,
    leaseEndMs: Infinity,
    graceMs: 0,
    timer: { atMs: Infinity, index: NOT_QUEUED, hold, waiter: undefined },
  };
  terms.mode = options.mode;
  if (options.why !== undefined) terms.why = detached(options.why);
  if (options.graceMs !== undefined) terms.graceMs = options.graceMs;
  const { holder } = hold;
  if (hasGrace(terms)) (holder.graceHolds ??= new Set()).add(hold);
  else holder.graceHolds?.delete(hold);
  if (options.leaseMs !== undefined) startLease(locks, terms, options.leaseMs, nowMs);
}

/** Starts or renews a lease. */
export function startLease(
  locks: LockStore,
  terms: LeaseTerms,
  leaseMs: number,
  nowMs: number,
): void {
  terms.leaseMs = leaseMs;
  terms.leaseEndMs = nowMs + leaseMs;
  scheduleExpiry(locks, terms);
}

/** Sets the timer of a hold. `graceEndMs` is finite only when the holder's connection has ended. */
export function scheduleExpiry(
  { timers }: LockStore,
  terms: LeaseTerms,
  graceEndMs = Infinity,
): void {
  const { timer } = terms;
  timers.remove(timer);
  timer.atMs = Math.min(terms.leaseEndMs, graceEndMs);
  if (timer.atMs < Infinity) timers.add(timer);
}
