/** What was agreed on with a holding: how it is held, and when it ends by itself. Pure. */
import type { Due } from "./agenda.ts";
import { NOWHERE } from "./agenda.ts";
import type { Holding, Locks } from "./lock_table.ts";
import { ownText } from "./names.ts";
import type { Waiter } from "./waiter.ts";

/**
 * Exclusive is what `g` takes and shared what `sg` takes; these two ignore each other. Write is
 * exclusive and minds shared holders, read is shared and minds the exclusive one.
 */
export type Mode = "exclusive" | "shared" | "read" | "write";

export interface Terms {
  mode: Mode;
  why: string;
  /** How long the lease lasts, and when it is over; undefined: as long as the connection. */
  leaseMs: number | undefined;
  leaseEndMs: number;
  /** How long it stays when its connection has ended; 0: not at all. */
  graceMs: number;
  /** When it ends by itself, if it does. */
  readonly appointment: Appointment;
}

/** Something that happens by itself. */
export interface Appointment extends Due {
  readonly holding: Holding | undefined;
  /** Set once, by the one it belongs to. */
  waiter: Waiter | undefined;
}

/** What somebody who asks wants to agree on; undefined is what holds already, or else nothing. */
export interface Offer {
  readonly mode: Mode;
  readonly leaseMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly why: string | undefined;
}

/** Whether it takes the exclusive lock of the name. */
export function isExclusive(mode: Mode): boolean {
  return mode === "exclusive" || mode === "write";
}

export function isKept({ graceMs }: Terms): boolean {
  return graceMs > 0;
}

/** How a holding is held; the old words know one way each. */
export function modeOf(holding: Holding): Mode {
  return holding.terms?.mode ?? ("lock" in holding ? "shared" : "exclusive");
}

/** Whether it is no more than what the old words take: that goes without terms. */
function isPlain({ mode, leaseMs, graceMs, why }: Offer): boolean {
  return (mode === "exclusive" || mode === "shared") &&
    leaseMs === undefined && graceMs === undefined && why === undefined;
}

/** Agrees on something for a holding, in place of what was agreed on before. */
export function agree(locks: Locks, holding: Holding, offer: Offer, nowMs: number): void {
  if (holding.terms === undefined && isPlain(offer)) return;
  const terms = holding.terms ??= {
    mode: offer.mode,
    why: "",
    leaseMs: undefined,
    leaseEndMs: Infinity,
    graceMs: 0,
    appointment: { atMs: Infinity, place: NOWHERE, holding, waiter: undefined },
  };
  terms.mode = offer.mode;
  if (offer.why !== undefined) terms.why = ownText(offer.why);
  if (offer.graceMs !== undefined) terms.graceMs = offer.graceMs;
  const { holder } = holding;
  if (isKept(terms)) (holder.kept ??= new Set()).add(holding);
  else holder.kept?.delete(holding);
  if (offer.leaseMs !== undefined) lease(locks, terms, offer.leaseMs, nowMs);
}

/** A lease begins, or begins anew. */
export function lease(
  locks: Locks,
  terms: Terms,
  leaseMs: number,
  nowMs: number,
): void {
  terms.leaseMs = leaseMs;
  terms.leaseEndMs = nowMs + leaseMs;
  schedule(locks, terms);
}

/** Writes down when a holding ends by itself; `graceEndMs` counts when its holder has left. */
export function schedule({ agenda }: Locks, terms: Terms, graceEndMs = Infinity): void {
  const { appointment } = terms;
  agenda.remove(appointment);
  appointment.atMs = Math.min(terms.leaseEndMs, graceEndMs);
  if (appointment.atMs < Infinity) agenda.add(appointment);
}
