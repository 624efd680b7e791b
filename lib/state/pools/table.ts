/** The table itself, and rules about whole pools: add, drop, latency, seed, mode. */
import { detached } from "../../text.ts";
import { NameTable } from "../../collections/name_table.ts";
import { NameMap } from "../../collections/name_map.ts";
import { Tournament } from "../../collections/tournament.ts";
import { poolsOf } from "./lookup.ts";
import {
  isRefused,
  newPool,
  type Pool,
  type PoolDefaults,
  type PoolMode,
  type Pools,
  refuse,
  type Refused,
  type Seed,
} from "./model.ts";
import { outdateUse } from "./ranking.ts";
import { detach } from "./resources.ts";
import { endAll, endMs, expectEnd, oldestOf } from "./sessions.ts";

/**
 * A table without pools, whose state counts as saved.
 * @param salt a whole number that nobody outside knows: `name_table.ts`.
 */
export function newPools(defaults: PoolDefaults, salt = 0): Pools {
  const list: Pool[] = [];
  return {
    list,
    byName: new NameTable(salt),
    resources: new NameMap(),
    coupled: new Set(),
    defaults,
    due: new Tournament((a, b) => list[a]!.dueMs < list[b]!.dueMs),
    master: undefined,
    locked: new Set(),
    contacts: 0,
    toil: 0,
    revision: 0,
    salt,
    savedRevision: 0,
  };
}

/** An empty pool with the defaults of the table. */
export function addPool(pools: Pools, name: string): Refused | undefined {
  if (pools.byName.get(name) !== undefined) return refuse("pool exists", name);
  const pool = newPool(detached(name), pools);
  pools.list.push(pool);
  pools.byName.add(pool);
  pools.revision++;
  return undefined;
}

/** Drops a pool with its resources and sessions. */
export function dropPool(pools: Pools, name: string): Refused | undefined {
  const pool = pools.byName.get(name);
  if (pool === undefined) return refuse("no pool", name);
  endAll(pools, [pool]);
  for (const resource of pool.resources) detach(pools, resource);
  pools.byName.delete(pool);
  pools.list.splice(pool.index, 1);
  for (const [index, other] of pools.list.entries()) other.index = index;
  pools.due.remove(pool.index);
  pools.revision++;
  return undefined;
}

/** How long a session lasts without contact; counts for those that are there. */
export function setLatency(
  pools: Pools,
  latencyMs: number,
  poolName?: string,
): Refused | undefined {
  return setEach(pools, poolName, (pool) => {
    if (pool.latencyMs === latencyMs) return false;
    pool.latencyMs = latencyMs;
    const oldest = oldestOf(pool);
    expectEnd(pools, pool, oldest === undefined ? Infinity : endMs(oldest), "exactly");
    return true;
  });
}

export function setSeed(pools: Pools, seed: Seed, poolName?: string): Refused | undefined {
  return setEach(pools, poolName, (pool) => {
    if (pool.seed === seed) return false;
    pool.seed = seed;
    for (const resource of pool.resources) outdateUse(resource);
    return true;
  });
}

export function setMode(pools: Pools, mode: PoolMode, poolName?: string): Refused | undefined {
  return setEach(pools, poolName, (pool) => {
    if (pool.mode === mode) return false;
    pool.mode = mode;
    return true;
  });
}

/** Sets something of one pool or of all; `set` tells whether that was a change. */
function setEach(
  pools: Pools,
  poolName: string | undefined,
  set: (pool: Pool) => boolean,
): Refused | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefused(found)) return found;
  if (found.filter(set).length > 0) pools.revision++;
  return undefined;
}
