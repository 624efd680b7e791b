/** Looking at locks without changing them: who holds a name, and who waits for it. Pure. */
import {
  type Holding,
  isHeld,
  type LockHolder,
  type LockStore,
  settled,
  tokenOf,
} from "./store.ts";
import { listLocks, listShared } from "./rules.ts";
import { type HoldMode, modeOf } from "./lease.ts";
import type { LockWaiter } from "./lock_request.ts";

/** One name at one moment: a copy, as what it tells of may be another when it is read. */
export interface LockView {
  readonly name: string;
  /** The exclusive one first, then the shared ones in the order they came. */
  readonly holdings: readonly HoldingView[];
  /** In the order they are served. Those who wait, and what for, never change. */
  readonly waiters: readonly LockWaiter[];
}

export interface HoldingView {
  readonly holder: LockHolder;
  readonly mode: HoldMode;
  readonly token: number;
  readonly sinceMs: number;
  readonly why: string;
  /** Infinity: as long as its connection. */
  readonly leaseEndMs: number;
  /** Whether its connection has ended, and it stays for a while. */
  readonly isAbsent: boolean;
}

/** Undefined: nobody has it or waits for it. */
export function inspect(locks: LockStore, name: string): LockView | undefined {
  const lock = locks.exclusive.get(name);
  const holdings = lock !== undefined && isHeld(lock) ? [viewOf(lock)] : [];
  for (const hold of settled(locks, name)?.holds ?? []) holdings.push(viewOf(hold));
  const waiters = Array.from(locks.queues.get(name) ?? [], ({ waiter }) => waiter);
  return holdings.length + waiters.length === 0 ? undefined : { name, holdings, waiters };
}

function viewOf(holding: Holding): HoldingView {
  const { holder, sinceMs, terms } = holding;
  return {
    holder,
    mode: modeOf(holding),
    token: tokenOf(holding),
    sinceMs,
    why: terms?.why ?? "",
    leaseEndMs: terms?.leaseEndMs ?? Infinity,
    isAbsent: holder.departed !== undefined,
  };
}

/**
 * All names that begin so, each once, for who reads them by and by as with `listLocks`; those that
 * are only waited for come last. Undefined stands where there is nothing to tell.
 */
export function* inspectAll(locks: LockStore, prefix: string): Iterable<LockView | undefined> {
  // One may go from one table to the other meanwhile.
  const told = new Set<string>();
  const waitedFor = Array.from(locks.queues, ([name]) => name);
  const look = (name: string | undefined) => {
    if (name === undefined || !name.startsWith(prefix) || told.has(name)) return undefined;
    told.add(name);
    return inspect(locks, name);
  };
  for (const name of listLocks(locks)) yield look(name);
  for (const name of listShared(locks)) yield look(name);
  for (const [name] of locks.queues) waitedFor.push(name);
  for (const name of waitedFor) yield look(name);
}
