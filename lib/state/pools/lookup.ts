/** Finds the pools and resources that a request names. */
import { type Pool, type PoolRefusal, type Pools, refuse, type Resource } from "./model.ts";

/** Returns the pool of that name, or all pools when `name` is undefined. */
export function poolsOf(pools: Pools, name: string | undefined): readonly Pool[] | PoolRefusal {
  if (name === undefined) return pools.list;
  const pool = pools.byName.get(name);
  return pool === undefined ? refuse("no pool", name) : [pool];
}

/** Returns the resources of that name, in one pool or in all: at least one resource. */
export function resourcesOf(
  pools: Pools,
  name: string,
  poolName?: string,
): Iterable<Resource> | PoolRefusal {
  if (poolName === undefined) return pools.resources.get(name) ?? refuse("no resource", name);
  const pool = pools.byName.get(poolName);
  if (pool === undefined) return refuse("no pool", poolName);
  const resource = pool.byName.get(name);
  return resource === undefined ? refuse("no resource", name) : [resource];
}
