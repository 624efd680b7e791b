/**
 * How holders leave: their locks are free at once, or kept for a grace until the client resumes its
 * session; and the ends of leases, graces and waits. Pure. The rules of `rules.ts` hold here too.
 */
import type { TimeSource } from "../../clock.ts";
import { NameMap } from "../../collections/name_map.ts";
import { completeStep, endHold, revoke, timeOut } from "./acquire.ts";
import { transfer } from "./grant.ts";
import { scheduleExpiry } from "./lease.ts";
import type { Hold, LockHolder, LockWaiter } from "./model.ts";
import type { DepartureInfo, Owner } from "./party.ts";
import { getOrCreateHolder, type LockStore, newHolder } from "./store.ts";
import { abandonWait, contendedNames, grantNextForAll } from "./wait_queue.ts";

/** What a departure released. */
export interface Departure {
  readonly exclusive: number;
  readonly shared: number;
  /** The names in the order of their grants, if they were asked for. */
  readonly names?: { readonly exclusive: string[]; readonly shared: string[] };
}

export interface LeaveOptions extends DepartureInfo {
  /** Whether graces apply; not if the client has said goodbye. */
  readonly withGrace: boolean;
  /** Whether the departure lists the names that were released. */
  readonly withNames: boolean;
}

/**
 * Releases everything that `owner` holds, except holds with a grace, in one step however many there
 * are. `cleanUp` removes the entries later. A second call does nothing.
 */
export function leave(locks: LockStore, owner: Owner, options: LeaveOptions): Departure {
  const holder = locks.holders.get(owner) ?? newHolder(owner);
  const time = options.when;
  if (holder.departed !== undefined) return { exclusive: 0, shared: 0 };
  const { waiter } = holder;
  if (options.withGrace && holder.graceHolds !== undefined && holder.graceHolds.size > 0) {
    keepGraceHolds(locks, holder, options);
  } else locks.holders.delete(owner);
  const { exclusive, shared } = holder;
  const counts = { exclusive: exclusive.size, shared: shared?.size ?? 0 };
  const names = options.withNames
    ? {
      exclusive: Array.from(exclusive, ({ name }) => name),
      shared: Array.from(shared ?? [], ([name]) => name),
    }
    : undefined;
  const unblocked = [...contendedNames(locks, holder)];
  holder.isGone = true;
  holder.departed = options;
  if (counts.exclusive + counts.shared > 0) {
    locks.departures.push({ holder, holds: (shared ?? new NameMap())[Symbol.iterator]() });
  }
  if (waiter !== undefined) unblocked.push(...abandonWait(locks, waiter, "leave", time));
  grantNextForAll(locks, unblocked, time);
  return names === undefined ? counts : { ...counts, names };
}

/** Transfers holds with a grace to an absent holder, which only the same session can resume. */
function keepGraceHolds(locks: LockStore, holder: LockHolder, options: LeaveOptions): void {
  const absent = newHolder(holder.owner);
  absent.departed = options;
  locks.holders.set(holder.owner, absent);
  absent.graceHolds = holder.graceHolds!;
  holder.graceHolds = undefined;
  for (const hold of absent.graceHolds) {
    transfer(hold, absent);
    const terms = hold.terms!;
    scheduleExpiry(locks, terms, options.when.nowMs + terms.graceMs);
  }
}

/**
 * Transfers the holds that are kept for a session that has ended to `owner`. Returns their number,
 * or undefined if there are none or the secret is wrong.
 */
export function resume(
  locks: LockStore,
  owner: Owner,
  session: Owner,
  secret: string,
  time: TimeSource,
): number | undefined {
  const absent = locks.holders.get(session);
  if (absent?.departed === undefined || !secretsMatch(absent.departed.secret, secret)) {
    return undefined;
  }
  const holder = getOrCreateHolder(locks, owner);
  const holds = holdsOf(absent);
  const released: string[] = [];
  for (const hold of holds) {
    // A second hold of the same shared lock is released.
    if ("lock" in hold && holder.shared?.get(hold.name) !== undefined) {
      endHold(locks, hold, "released", time);
      released.push(hold.name);
      continue;
    }
    transfer(hold, holder);
    (holder.graceHolds ??= new Set()).add(hold);
    if (hold.terms !== undefined) scheduleExpiry(locks, hold.terms);
  }
  locks.holders.delete(session);
  grantNextForAll(locks, released, time);
  return holds.length;
}

function holdsOf({ exclusive, shared }: LockHolder): Hold[] {
  return [...exclusive, ...Array.from(shared ?? [], ([, hold]) => hold)];
}

/** Compares in constant time. An empty secret matches nothing. */
export function secretsMatch(secret: string, guess: string): boolean {
  if (secret === "" || secret.length !== guess.length) return false;
  let difference = 0;
  for (let i = 0; i < secret.length; i++) difference |= secret.charCodeAt(i) ^ guess.charCodeAt(i);
  return difference === 0;
}

/**
 * Ends at most `limit` leases, graces and waits that are due. Returns false when some are left. If a
 * waiter has lost a lock, the step also ends all else that is due at that time: leases of one request
 * end together, and the search for cycles must not see only a part of them ended.
 */
export function expireDue(locks: LockStore, time: TimeSource, limit: number): boolean {
  const { timers } = locks;
  const isDue = () => timers.first !== undefined && timers.first.atMs <= time.nowMs;
  const unblocked: string[] = [];
  const moved = new Set<LockWaiter>();
  let lastMs = -Infinity;
  for (let left = limit; isDue(); left--) {
    const { atMs, waiter, hold } = timers.first!;
    if (left <= 0 && (moved.size === 0 || atMs !== lastMs)) break;
    lastMs = atMs;
    if (waiter !== undefined) unblocked.push(...timeOut(locks, waiter, time));
    else {
      unblocked.push(hold!.name);
      expire(locks, hold!, time, moved);
    }
  }
  // Grants come last: no waiter is granted whose own timeout is due at the same time.
  completeStep(locks, unblocked, moved, time);
  return !isDue();
}

/** Ends a hold whose lease or grace is over. */
function expire(locks: LockStore, hold: Hold, time: TimeSource, moved: Set<LockWaiter>): void {
  const { holder, terms } = hold;
  const { departed } = holder;
  const isLease = departed === undefined || terms!.leaseEndMs <= terms!.timer.atMs;
  // A holder that is gone was freed when it left; only its entry is still there.
  if (holder.isGone) endHold(locks, hold, departed!.ending, departed!.when);
  else revoke(locks, hold, isLease ? "expired" : departed.ending, time, moved);
}
