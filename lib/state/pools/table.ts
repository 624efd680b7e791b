/** Creates the table, and has the rules for whole pools: add, drop, latency, seed, mode. */
import { detached } from "../../text.ts";
import { NameTable } from "../../collections/name_table.ts";
import { NameMap } from "../../collections/name_map.ts";
import { Tournament } from "../../collections/tournament.ts";
import { hasLowerLoad } from "./budget.ts";
import { poolsOf } from "./lookup.ts";
import {
  isRefusal,
  type Pool,
  type PoolDefaults,
  type PoolMode,
  type PoolRefusal,
  type Pools,
  refuse,
  type Resource,
  type Seed,
} from "./model.ts";
import { invalidateUseRank } from "./ranking.ts";
import { detachResource } from "./resources.ts";
import { endAllSessions, oldestSession, sessionEndMs, setNextExpiry } from "./sessions.ts";

/**
 * Returns a table without pools, whose state counts as saved.
 * @param salt a whole number unknown to clients, for the hashes of `name_table.ts`.
 */
export function newPools(defaults: PoolDefaults, salt = 0): Pools {
  const list: Pool[] = [];
  return {
    list,
    byName: new NameTable(salt),
    resources: new NameMap(),
    coupled: new Set(),
    defaults,
    byExpiry: new Tournament((a, b) => list[a]!.nextExpiryMs < list[b]!.nextExpiryMs),
    master: undefined,
    locked: new Set(),
    contactCount: 0,
    workSinceClockRead: 0,
    revision: 0,
    salt,
    savedRevision: 0,
  };
}

/** Returns a pool without resources and sessions, for the end of the table's list. */
function newPool(name: string, { defaults, list, revision, salt }: Pools): Pool {
  const { latencyMs, seed, mode } = defaults;
  const resources: Resource[] = [];
  const loads: number[] = [];
  const contactOf = (index: number) => resources[index]!.rankedContactNumber;
  const isOlder = (a: number, b: number) => contactOf(a) < contactOf(b);
  const pool: Pool = {
    name,
    latencyMs,
    seed,
    mode,
    resources,
    byName: new NameMap(),
    sessions: new NameTable(salt),
    pinnedCount: 0,
    staleUseRanks: [],
    staleAgeRanks: [],
    current: -1,
    hasCurrent: false,
    index: list.length,
    createdAtRevision: revision,
    nextExpiryMs: Infinity,
    loads,
    hasInexactLoads: false,
    open: new Tournament((a, b) => {
      if (loads[a] !== loads[b]) return loads[a]! < loads[b]!;
      if (!pool.hasInexactLoads) return false;
      return hasLowerLoad(pool.seed, resources[a]!.budget, resources[b]!.budget);
    }),
    occupied: new Tournament(isOlder),
    evictable: new Tournament(isOlder),
    openableByEviction: new Tournament(isOlder),
    hash: 0,
    chained: undefined,
  };
  return pool;
}

/** Adds an empty pool with the defaults of the table. */
export function addPool(pools: Pools, name: string): PoolRefusal | undefined {
  if (pools.byName.get(name) !== undefined) return refuse("pool exists", name);
  const pool = newPool(detached(name), pools);
  pools.list.push(pool);
  pools.byName.add(pool);
  pools.revision++;
  return undefined;
}

/** Drops a pool with its resources and sessions. */
export function dropPool(pools: Pools, name: string): PoolRefusal | undefined {
  const pool = pools.byName.get(name);
  if (pool === undefined) return refuse("no pool", name);
  endAllSessions(pools, [pool]);
  for (const resource of pool.resources) detachResource(pools, resource);
  pools.byName.delete(pool);
  pools.list.splice(pool.index, 1);
  for (const [index, other] of pools.list.entries()) other.index = index;
  pools.byExpiry.remove(pool.index);
  pools.revision++;
  return undefined;
}

/** Sets how long a session lasts without contact; applies to existing sessions too. */
export function setLatency(
  pools: Pools,
  latencyMs: number,
  poolName?: string,
): PoolRefusal | undefined {
  return setEach(pools, poolName, (pool) => {
    if (pool.latencyMs === latencyMs) return false;
    pool.latencyMs = latencyMs;
    const oldest = oldestSession(pool);
    setNextExpiry(pools, pool, oldest === undefined ? Infinity : sessionEndMs(oldest), "exactly");
    return true;
  });
}

export function setSeed(pools: Pools, seed: Seed, poolName?: string): PoolRefusal | undefined {
  return setEach(pools, poolName, (pool) => {
    if (pool.seed === seed) return false;
    pool.seed = seed;
    for (const resource of pool.resources) invalidateUseRank(resource);
    return true;
  });
}

export function setMode(pools: Pools, mode: PoolMode, poolName?: string): PoolRefusal | undefined {
  return setEach(pools, poolName, (pool) => {
    if (pool.mode === mode) return false;
    pool.mode = mode;
    return true;
  });
}

/** Changes one pool or all of them; `set` returns whether it changed the pool. */
function setEach(
  pools: Pools,
  poolName: string | undefined,
  set: (pool: Pool) => boolean,
): PoolRefusal | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefusal(found)) return found;
  if (found.filter(set).length > 0) pools.revision++;
  return undefined;
}
