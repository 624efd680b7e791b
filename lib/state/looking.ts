/** Looking at locks without changing them: who holds a name, and who waits for it. Pure. */
import { type Holder, type Holding, isHeld, type Locks, settled, tokenOf } from "./lock_table.ts";
import { listLocks, listShared } from "./locks.ts";
import { type Mode, modeOf } from "./terms.ts";
import type { Waiter } from "./waiter.ts";

/** One name at one moment: a copy, as what it tells of may be another when it is read. */
export interface View {
  readonly name: string;
  /** The exclusive one first, then the shared ones in the order they came. */
  readonly holdings: readonly HoldingView[];
  /** In the order they are served. Those who wait, and what for, never change. */
  readonly waiters: readonly Waiter[];
}

export interface HoldingView {
  readonly holder: Holder;
  readonly mode: Mode;
  readonly token: number;
  readonly sinceMs: number;
  readonly why: string;
  /** Infinity: as long as its connection. */
  readonly leaseEndMs: number;
  /** Whether its connection has ended, and it stays for a while. */
  readonly isAbsent: boolean;
}

/** Undefined: nobody has it or waits for it. */
export function lookAt(locks: Locks, name: string): View | undefined {
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
    isAbsent: holder.past !== undefined,
  };
}

/**
 * All names that begin so, each once, for who reads them by and by as with `listLocks`; those that
 * are only waited for come last. Undefined stands where there is nothing to tell.
 */
export function* lookThrough(locks: Locks, prefix: string): Iterable<View | undefined> {
  // One may go from one table to the other meanwhile.
  const told = new Set<string>();
  const waitedFor = Array.from(locks.queues, ([name]) => name);
  const look = (name: string | undefined) => {
    if (name === undefined || !name.startsWith(prefix) || told.has(name)) return undefined;
    told.add(name);
    return lookAt(locks, name);
  };
  for (const name of listLocks(locks)) yield look(name);
  for (const name of listShared(locks)) yield look(name);
  for (const [name] of locks.queues) waitedFor.push(name);
  for (const name of waitedFor) yield look(name);
}
