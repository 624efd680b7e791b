/** How a pool makes room for a new consumer: sticky, queued, queued-DD. */
import type { Tournament } from "../../collections/tournament.ts";
import type { Pool, Pools, PoolSession, Resource } from "./model.ts";
import { updateAgeRanks, updateUseRanks } from "./ranking.ts";
import { chooseResource } from "./seeds.ts";
import { detachSession, discardSession, reattachSession } from "./sessions.ts";

/**
 * Chooses the resource for a new session, and evicts the sessions that must make room for it.
 * Returns undefined if there is no room; then it has changed nothing.
 */
export function admit(pools: Pools, pool: Pool): Resource | undefined {
  const isAtSize = typeof pool.mode === "number" && pool.sessions.size >= pool.mode;
  if (!isAtSize) {
    updateUseRanks(pool);
    const found = chooseResource(pool);
    if (found !== undefined || pool.mode === "sticky") return found;
  }
  return makeRoom(pools, pool);
}

/** Evicts as many sessions as necessary, and chooses a resource. */
function makeRoom(pools: Pools, pool: Pool): Resource | undefined {
  const { mode, pinnedCount, sessions } = pool;
  if (typeof mode === "number" && pinnedCount >= mode) return undefined; // too few can be evicted
  const evicted: PoolSession[] = [];
  const isFull = () => typeof mode === "number" && sessions.size - evicted.length >= mode;
  while (isFull() && detachOldest(pool, pool.evictable, evicted));
  let found = isFull() ? undefined : rankAndChoose(pool);
  if (found === undefined && !isFull() && detachOldest(pool, pool.openableByEviction, evicted)) {
    found = rankAndChoose(pool);
  }
  pools.workSinceClockRead += evicted.length;
  // Without a choice, the evictions were not enough, and are undone in reverse order.
  if (found !== undefined) evicted.forEach(discardSession);
  else evicted.reverse().forEach(reattachSession);
  return found;
}

function rankAndChoose(pool: Pool): Resource | undefined {
  updateUseRanks(pool);
  return chooseResource(pool);
}

/** Detaches the oldest session of the resources in `ranking`; returns false if there is none. */
function detachOldest(pool: Pool, ranking: Tournament, evicted: PoolSession[]): boolean {
  updateAgeRanks(pool);
  const session = pool.resources[ranking.winner]?.oldest;
  if (session === undefined) return false;
  detachSession(session);
  evicted.push(session);
  return true;
}
