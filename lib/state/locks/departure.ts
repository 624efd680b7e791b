/**
 * How connections go: what they held is free in that moment, or stays for a while for the one who
 * comes back; and what ends by itself. Pure. The laws of `locks.ts` hold here.
 */
import type { TimeSource } from "../../clock.ts";
import { endHold, timeOut } from "./acquire.ts";
import { transfer } from "./grant.ts";
import {
  type Departed,
  holderOf,
  type Holding,
  type LockHolder,
  type LockStore,
  newHolder,
  type Owner,
} from "./store.ts";
import { NameMap } from "../../collections/name_map.ts";
import { abandonWait, grantWaiters, grantWaitersOf, wantedOf } from "./wait_queue.ts";
import { schedule } from "./lease.ts";

/** What a departure gave back. */
export interface Departure {
  readonly exclusive: number;
  readonly shared: number;
  /** The names in the order they were taken, for who wants to know. */
  readonly names?: { readonly exclusive: string[]; readonly shared: string[] };
}

/** Who leaves, and how. */
export interface Leave extends Departed {
  /** Whether what was agreed on for this case holds: not for who says goodbye. */
  readonly withGrace: boolean;
  /** Whether the departure tells what was given back. */
  readonly withNames: boolean;
}

/**
 * Gives back everything `owner` holds but what it keeps for a while, in one moment however much it
 * is; what it held is forgotten by `sweep`. Twice is once.
 */
export function leave(locks: LockStore, owner: Owner, how: Leave): Departure {
  const holder = locks.holders.get(owner) ?? newHolder(owner);
  const time = how.when;
  if (holder.departed !== undefined) return { exclusive: 0, shared: 0 };
  const { waiter } = holder;
  if (how.withGrace && holder.withGrace !== undefined && holder.withGrace.size > 0) {
    keep(locks, holder, how);
  } else locks.holders.delete(owner);
  const { exclusive, shared } = holder;
  const counts = { exclusive: exclusive.size, shared: shared?.size ?? 0 };
  const names = how.withNames
    ? {
      exclusive: Array.from(exclusive, ({ name }) => name),
      shared: Array.from(shared ?? [], ([name]) => name),
    }
    : undefined;
  const wanted = [...wantedOf(locks, holder)];
  holder.isGone = true;
  holder.departed = how;
  if (counts.exclusive + counts.shared > 0) {
    locks.departures.push({ holder, holds: (shared ?? new NameMap())[Symbol.iterator]() });
  }
  if (waiter !== undefined) wanted.push(...abandonWait(locks, waiter, "leave", time));
  grantWaitersOf(locks, wanted, time);
  return names === undefined ? counts : { ...counts, names };
}

/** What stays for a while goes to one that nobody but its session can become again. */
function keep(locks: LockStore, holder: LockHolder, how: Leave): void {
  const absent = newHolder(holder.owner);
  absent.departed = how;
  locks.holders.set(holder.owner, absent);
  absent.withGrace = holder.withGrace!;
  holder.withGrace = undefined;
  for (const holding of absent.withGrace) {
    transfer(holding, absent);
    const terms = holding.terms!;
    schedule(locks, terms, how.when.nowMs + terms.graceMs);
  }
}

/** Takes back what was kept for a session that has ended; how many, or undefined: nothing is. */
export function resume(
  locks: LockStore,
  owner: Owner,
  session: Owner,
  secret: string,
  time: TimeSource,
): number | undefined {
  const absent = locks.holders.get(session);
  if (absent?.departed === undefined || !isSecret(absent.departed.secret, secret)) return undefined;
  const holder = holderOf(locks, owner);
  const holdings = holdingsOf(absent);
  for (const holding of holdings) {
    // Two holds of one shared lock by one party are one.
    if ("lock" in holding && holder.shared?.get(holding.name) !== undefined) {
      endHold(locks, holding, "released", time);
      grantWaiters(locks, holding.name, time);
      continue;
    }
    transfer(holding, holder);
    (holder.withGrace ??= new Set()).add(holding);
    if (holding.terms !== undefined) schedule(locks, holding.terms);
  }
  locks.holders.delete(session);
  return holdings.length;
}

function holdingsOf({ exclusive, shared }: LockHolder): Holding[] {
  return [...exclusive, ...Array.from(shared ?? [], ([, hold]) => hold)];
}

/** Takes as long wherever the difference is. */
export function isSecret(secret: string, guess: string): boolean {
  if (secret === "" || secret.length !== guess.length) return false;
  let difference = 0;
  for (let i = 0; i < secret.length; i++) difference |= secret.charCodeAt(i) ^ guess.charCodeAt(i);
  return difference === 0;
}

/** Ends what is due, at most `limit` of it; false when more is left. */
export function expireDue(locks: LockStore, time: TimeSource, limit: number): boolean {
  const { timers } = locks;
  const isDue = () => timers.first !== undefined && timers.first.atMs <= time.nowMs;
  const opened: string[] = [];
  for (let left = limit; left > 0 && isDue(); left--) {
    const { waiter, holding } = timers.first!;
    if (waiter !== undefined) opened.push(...timeOut(locks, waiter, time));
    else opened.push(end(locks, holding!, time));
  }
  // Not before all that is over has ended: nobody is granted what ends in the same moment.
  grantWaitersOf(locks, opened, time);
  return !isDue();
}

/**
 * A lease is over, or the time for which somebody who left keeps something; the name whose queue is
 * to be served then.
 */
function end(locks: LockStore, holding: Holding, time: TimeSource): string {
  const { name, holder, terms } = holding;
  const { departed } = holder;
  const isLease = departed === undefined || terms!.leaseEndMs <= terms!.timer.atMs;
  // Of who is gone it has been free since then, and only not been forgotten.
  if (holder.isGone) endHold(locks, holding, departed!.how, departed!.when);
  else endHold(locks, holding, isLease ? "expired" : departed.how, time);
  return name;
}
