/** Rules of section 2.1: consume, release, clear, free. */
import { Tournament } from "../../collections/tournament.ts";
import { isRefused, type Pool, type Pools, refuse, type Refused } from "./model.ts";
import { admit } from "./modes.ts";
import { begin, end, endAll, endMs, oldestOf, renew } from "./sessions.ts";
import { poolsOf } from "./lookup.ts";

export interface AssignedResource {
  readonly resource: string;
  /** When the session ends if its consumer does not ask again. */
  readonly endMs: number;
}

/** Renews the consumer's session in the pool, or gives it one where the seed method says. */
export function consume(
  pools: Pools,
  poolName: string,
  consumer: string,
  nowMs: number,
): AssignedResource | Refused {
  const pool = pools.byName.get(poolName);
  if (pool === undefined) return refuse("no pool", poolName);
  let session = pool.sessions.get(consumer);
  if (session !== undefined) renew(pools, session, nowMs);
  else {
    const resource = admit(pools, pool);
    if (resource === undefined) return refuse("no room", poolName);
    session = begin(pools, resource, consumer, nowMs);
  }
  return { resource: session.resource.name, endMs: endMs(session) };
}

/** Ends the consumer's session in the pool, if there is such a thing. */
export function releaseResource(pools: Pools, poolName: string, consumer: string): void {
  const session = pools.byName.get(poolName)?.sessions.get(consumer);
  if (session !== undefined) end(session);
}

/** Ends all sessions, of one pool or of all. */
export function clear(pools: Pools, poolName?: string): Refused | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefused(found)) return found;
  endAll(pools, found);
  return undefined;
}

/** Ends the `number` sessions that have been longest without contact, of one pool or of all. */
export function freeResource(pools: Pools, number: number, poolName?: string): Refused | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefused(found)) return found;
  const total = found.reduce((sum, { sessions }) => sum + sessions.size, 0);
  if (number >= total) {
    endAll(pools, found);
  } else if (number > 0) {
    freeOldest(found, number);
  }
  return undefined;
}

/** Fewer than there are. */
function freeOldest(pools: readonly Pool[], number: number): void {
  const orderOf = (index: number) => oldestOf(pools[index]!)!.order;
  const byAge = new Tournament((a, b) => orderOf(a) < orderOf(b));
  const rank = (index: number) => byAge.set(index, pools[index]!.sessions.size > 0, true);
  for (const index of pools.keys()) rank(index);
  for (let left = number; left > 0; left--) {
    const index = byAge.winner;
    end(oldestOf(pools[index]!)!);
    rank(index);
  }
}
