/** What was agreed on with a holding: how it is held, and when it ends by itself. Pure. */
import { detached } from "../../text.ts";
import type { TimerEntry } from "../../collections/timer_queue.ts";
import { NOT_QUEUED } from "../../collections/timer_queue.ts";
import type { Holding, LockStore } from "./store.ts";
import type { LockWaiter } from "./lock_request.ts";

/**
 * Exclusive is what `g` takes and shared what `sg` takes; these two ignore each other. Write is
 * exclusive and minds shared holders, read is shared and minds the exclusive one.
 */
export type HoldMode = "exclusive" | "shared" | "read" | "write";

export interface LeaseTerms {
  mode: HoldMode;
  why: string;
  /** How long the lease lasts, and when it is over; undefined: as long as the connection. */
  leaseMs: number | undefined;
  leaseEndMs: number;
  /** How long it stays when its connection has ended; 0: not at all. */
  graceMs: number;
  /** When it ends by itself, if it does. */
  readonly timer: ExpiryTimer;
}

/** Something that happens by itself. */
export interface ExpiryTimer extends TimerEntry {
  readonly holding: Holding | undefined;
  /** Set once, by the one it belongs to. */
  waiter: LockWaiter | undefined;
}

/** What somebody who asks wants to agree on; undefined is what holds already, or else nothing. */
export interface HoldOptions {
  readonly mode: HoldMode;
  readonly leaseMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly why: string | undefined;
}

/** Whether it takes the exclusive lock of the name. */
export function isExclusive(mode: HoldMode): boolean {
  return mode === "exclusive" || mode === "write";
}

export function isKept({ graceMs }: LeaseTerms): boolean {
  return graceMs > 0;
}

/** How a holding is held; the old words know one way each. */
export function modeOf(holding: Holding): HoldMode {
  return holding.terms?.mode ?? ("lock" in holding ? "shared" : "exclusive");
}

/** Whether it is no more than what the old words take: that goes without terms. */
function isPlain({ mode, leaseMs, graceMs, why }: HoldOptions): boolean {
  return (mode === "exclusive" || mode === "shared") &&
    leaseMs === undefined && graceMs === undefined && why === undefined;
}

/** Agrees on something for a holding, in place of what was agreed on before. */
export function agree(locks: LockStore, holding: Holding, offer: HoldOptions, nowMs: number): void {
  if (holding.terms === undefined && isPlain(offer)) return;
  const terms = holding.terms ??= {
    mode: offer.mode,
    why: "",
    leaseMs: undefined,
    leaseEndMs: Infinity,
    graceMs: 0,
    timer: { atMs: Infinity, index: NOT_QUEUED, holding, waiter: undefined },
  };
  terms.mode = offer.mode;
  if (offer.why !== undefined) terms.why = detached(offer.why);
  if (offer.graceMs !== undefined) terms.graceMs = offer.graceMs;
  const { holder } = holding;
  if (isKept(terms)) (holder.withGrace ??= new Set()).add(holding);
  else holder.withGrace?.delete(holding);
  if (offer.leaseMs !== undefined) lease(locks, terms, offer.leaseMs, nowMs);
}

/** A lease begins, or begins anew. */
export function lease(
  locks: LockStore,
  terms: LeaseTerms,
  leaseMs: number,
  nowMs: number,
): void {
  terms.leaseMs = leaseMs;
  terms.leaseEndMs = nowMs + leaseMs;
  schedule(locks, terms);
}

/** Writes down when a holding ends by itself; `graceEndMs` counts when its holder has left. */
export function schedule({ timers }: LockStore, terms: LeaseTerms, graceEndMs = Infinity): void {
  const { timer } = terms;
  timers.remove(timer);
  timer.atMs = Math.min(terms.leaseEndMs, graceEndMs);
  if (timer.atMs < Infinity) timers.add(timer);
}
