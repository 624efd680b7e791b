/** Removing the table entries of holders that have left. Their locks are free already. Pure. */
import { dropShared, freeExclusive } from "./holds.ts";
import type { LockStore } from "./store.ts";

/** Removes two stale entries for each lock that is taken, so that the backlog cannot grow. */
export function cleanUpSome(locks: LockStore, taken = 1): void {
  if (locks.departures.length > 0) cleanUp(locks, 2 * taken);
}

/** Removes at most `limit` stale entries. Returns false when some are left. */
export function cleanUp(locks: LockStore, limit: number): boolean {
  for (let left = limit; left > 0 && locks.departures.length > 0; left--) {
    const { holder, holds } = locks.departures[0]!;
    const { ending, when } = holder.departed!;
    const lock = holder.exclusive.first;
    if (lock !== undefined) {
      freeExclusive(locks, lock, ending, when);
      continue;
    }
    const { done, value } = holds.next();
    if (!done) {
      dropShared(locks, value[1], ending, when);
      continue;
    }
    locks.departures.shift();
    holder.shared = undefined; // ended locks may refer to the holder for a long time
  }
  return locks.departures.length === 0;
}
