/** What a request means by its names. */
import { type Pool, type Pools, refuse, type Refused, type Resource } from "./model.ts";

/** The pool of that name, or all of them. */
export function poolsOf(pools: Pools, name: string | undefined): readonly Pool[] | Refused {
  if (name === undefined) return pools.list;
  const pool = pools.byName.get(name);
  return pool === undefined ? refuse("no pool", name) : [pool];
}

/** The resource of that name in one pool, or those in all pools; at least one, or a refusal. */
export function resourcesOf(
  pools: Pools,
  name: string,
  poolName?: string,
): Iterable<Resource> | Refused {
  if (poolName === undefined) return pools.resources.get(name) ?? refuse("no resource", name);
  const pool = pools.byName.get(poolName);
  if (pool === undefined) return refuse("no pool", poolName);
  const resource = pool.byName.get(name);
  return resource === undefined ? refuse("no resource", name) : [resource];
}
