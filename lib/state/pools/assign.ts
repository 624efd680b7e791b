/** Rules of section 2.1: consume, release, clear, free. */
import { Tournament } from "../../collections/tournament.ts";
import { isRefusal, type Pool, type PoolRefusal, type Pools, refuse } from "./model.ts";
import { admit } from "./modes.ts";
import {
  beginSession,
  endAllSessions,
  endSession,
  oldestSession,
  renewSession,
  sessionEndMs,
} from "./sessions.ts";
import { poolsOf } from "./lookup.ts";

export interface AssignedResource {
  readonly resource: string;
  /** When the session expires unless its consumer asks again. */
  readonly endMs: number;
}

/**
 * Renews the consumer's session in the pool, or begins one on the resource the seed method picks.
 */
export function consume(
  pools: Pools,
  poolName: string,
  consumer: string,
  nowMs: number,
): AssignedResource | PoolRefusal {
  const pool = pools.byName.get(poolName);
  if (pool === undefined) return refuse("no pool", poolName);
  let session = pool.sessions.get(consumer);
  if (session !== undefined) renewSession(pools, session, nowMs);
  else {
    const resource = admit(pools, pool);
    if (resource === undefined) return refuse("no room", poolName);
    session = beginSession(pools, resource, consumer, nowMs);
  }
  return { resource: session.resource.name, endMs: sessionEndMs(session) };
}

/** Ends the consumer's session in the pool, if there is one. */
export function releaseResource(pools: Pools, poolName: string, consumer: string): void {
  const session = pools.byName.get(poolName)?.sessions.get(consumer);
  if (session !== undefined) endSession(session);
}

/** Ends all sessions in one pool or in all. */
export function clear(pools: Pools, poolName?: string): PoolRefusal | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefusal(found)) return found;
  endAllSessions(pools, found);
  return undefined;
}

/** Ends the `number` sessions with the oldest contacts, in one pool or in all. */
export function freeResource(
  pools: Pools,
  number: number,
  poolName?: string,
): PoolRefusal | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefusal(found)) return found;
  const total = found.reduce((sum, { sessions }) => sum + sessions.size, 0);
  if (number >= total) {
    endAllSessions(pools, found);
  } else if (number > 0) {
    freeOldest(found, number);
  }
  return undefined;
}

/** Ends the `number` oldest sessions; the pools must have more sessions than that. */
function freeOldest(pools: readonly Pool[], number: number): void {
  const ageOf = (index: number) => oldestSession(pools[index]!)!.contactNumber;
  const byAge = new Tournament((a, b) => ageOf(a) < ageOf(b));
  const rank = (index: number) => byAge.set(index, pools[index]!.sessions.size > 0, true);
  for (const index of pools.keys()) rank(index);
  for (let remaining = number; remaining > 0; remaining--) {
    const index = byAge.winner;
    endSession(oldestSession(pools[index]!)!);
    rank(index);
  }
}
