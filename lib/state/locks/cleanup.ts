/** Forgetting what those who have left held: it is free already. Pure. */
import { drop, free, type LockStore } from "./store.ts";

/** Who takes one, forgets two: what is to be forgotten cannot grow faster than it goes. */
export function cleanUpSome(locks: LockStore, taken = 1): void {
  if (locks.departures.length > 0) cleanUp(locks, 2 * taken);
}

/** Forgets what those who have left held, at most `limit` of it; false when more is left. */
export function cleanUp(locks: LockStore, limit: number): boolean {
  for (let left = limit; left > 0 && locks.departures.length > 0; left--) {
    const { holder, holds } = locks.departures[0]!;
    const { how, when } = holder.departed!;
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
    locks.departures.shift();
    holder.shared = undefined; // it may be remembered for long who it was
  }
  return locks.departures.length === 0;
}
