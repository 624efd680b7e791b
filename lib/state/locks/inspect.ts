/** Snapshots of locks for display: the holders of a name, and its waiters. Pure. */
import { isHeld, sharedLockOf } from "./holds.ts";
import type { HoldMode } from "./lock_request.ts";
import { type Hold, type LockWaiter, modeOf, tokenOf } from "./model.ts";
import type { Party } from "./party.ts";
import { listExclusive, listShared } from "./rules.ts";
import type { LockStore } from "./store.ts";

/** A copy of the state of one name, which later changes do not affect. */
export interface LockView {
  readonly name: string;
  /** The exclusive hold first, then the shared ones in the order of their grants. */
  readonly holds: readonly HoldView[];
  /** In the order of grants. The fields of a waiter that a view may show never change. */
  readonly waiters: readonly LockWaiter[];
}

export interface HoldView {
  readonly holder: Party;
  readonly mode: HoldMode;
  readonly token: number;
  readonly sinceMs: number;
  readonly why: string;
  /** Infinity for a hold without a lease. */
  readonly leaseEndMs: number;
  /** Whether the connection has ended and the hold is kept for its grace. */
  readonly isAbsent: boolean;
}

/** Returns a view of `name`, or undefined if it has neither holders nor waiters. */
export function inspect(locks: LockStore, name: string): LockView | undefined {
  const lock = locks.exclusive.get(name);
  const holds = lock !== undefined && isHeld(lock) ? [viewOf(lock)] : [];
  for (const hold of sharedLockOf(locks, name)?.holds ?? []) holds.push(viewOf(hold));
  const waiters = Array.from(locks.queues.get(name) ?? [], ({ waiter }) => waiter);
  return holds.length + waiters.length === 0 ? undefined : { name, holds, waiters };
}

function viewOf(hold: Hold): HoldView {
  const { holder, sinceMs, terms } = hold;
  return {
    holder,
    mode: modeOf(hold),
    token: tokenOf(hold),
    sinceMs,
    why: terms?.why ?? "",
    leaseEndMs: terms?.leaseEndMs ?? Infinity,
    isAbsent: holder.departed !== undefined,
  };
}

/**
 * Yields all names with that prefix, each once; a caller may read them in several steps, as with
 * `listExclusive`. Names that only have waiters come last. Yields undefined where there is nothing
 * to show.
 */
export function* inspectAll(locks: LockStore, prefix: string): Iterable<LockView | undefined> {
  // A name may move from one table to the other meanwhile.
  const visited = new Set<string>();
  const queued = Array.from(locks.queues, ([name]) => name);
  const visit = (name: string | undefined) => {
    if (name === undefined || !name.startsWith(prefix) || visited.has(name)) return undefined;
    visited.add(name);
    return inspect(locks, name);
  };
  for (const name of listExclusive(locks)) yield visit(name);
  for (const name of listShared(locks)) yield visit(name);
  for (const [name] of locks.queues) queued.push(name);
  for (const name of queued) yield visit(name);
}
