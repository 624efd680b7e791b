/** Forgetting what those who have left held: it is free already. Pure. */
import { drop, free, type Locks } from "./lock_table.ts";

/** Who takes one, forgets two: what is to be forgotten cannot grow faster than it goes. */
export function repay(locks: Locks, taken = 1): void {
  if (locks.departing.length > 0) sweep(locks, 2 * taken);
}

/** Forgets what those who have left held, at most `limit` of it; false when more is left. */
export function sweep(locks: Locks, limit: number): boolean {
  for (let left = limit; left > 0 && locks.departing.length > 0; left--) {
    const { holder, holds } = locks.departing[0]!;
    const { how, when } = holder.past!;
    const lock = holder.exclusive.first;
    if (lock !== undefined) {
      free(locks, lock, how, when);
      continue;
    }
    const { done, value } = holds.next();
    if (!done) {
      drop(locks, value[1], how, when);
      continue;
    }
    locks.departing.shift();
    holder.shared = undefined; // it may be remembered for long who it was
  }
  return locks.departing.length === 0;
}
