/** What happens when a new consumer asks a pool: sticky, queued, queued-DD. */
import type { Tournament } from "../../collections/tournament.ts";
import type { Pool, Pools, PoolSession, Resource } from "./model.ts";
import { rankAge, rankUse } from "./ranking.ts";
import { choose } from "./seeds.ts";
import { forget, putBack, takeOut } from "./sessions.ts";

/**
 * The resource for a new session, after the sessions have ended that must make room for it; or
 * none, and then nothing has changed.
 */
export function admit(pools: Pools, pool: Pool): Resource | undefined {
  const isCrowded = typeof pool.mode === "number" && pool.sessions.size >= pool.mode;
  if (!isCrowded) {
    rankUse(pool);
    const found = choose(pool);
    if (found !== undefined || pool.mode === "sticky") return found;
  }
  return makeRoom(pools, pool);
}

/** The same when sessions have to end. */
function makeRoom(pools: Pools, pool: Pool): Resource | undefined {
  const { mode, pinned, sessions } = pool;
  if (typeof mode === "number" && pinned >= mode) return undefined; // not enough can end
  const gone: PoolSession[] = [];
  const isFull = () => typeof mode === "number" && sessions.size - gone.length >= mode;
  while (isFull() && takeOldest(pool, pool.endable, gone));
  let found = isFull() ? undefined : chooseNow(pool);
  if (found === undefined && !isFull() && takeOldest(pool, pool.openable, gone)) {
    found = chooseNow(pool);
  }
  pools.toil += gone.length;
  // Whether enough could end shows only here: they do, or go back to where they were, in reverse.
  if (found !== undefined) gone.forEach(forget);
  else gone.reverse().forEach(putBack);
  return found;
}

function chooseNow(pool: Pool): Resource | undefined {
  rankUse(pool);
  return choose(pool);
}

/** Takes out the oldest session of those whose resources stand in `ranking`; false without any. */
function takeOldest(pool: Pool, ranking: Tournament, gone: PoolSession[]): boolean {
  rankAge(pool);
  const session = pool.resources[ranking.winner]?.oldest;
  if (session === undefined) return false;
  takeOut(session);
  gone.push(session);
  return true;
}
