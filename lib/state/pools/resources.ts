/** Creating, changing and dropping resources: set-resource and drop-resource of section 2.2. */
import { detached } from "../../text.ts";
import { newBudget, setHave } from "./budget.ts";
import { poolsOf, resourcesOf } from "./lookup.ts";
import {
  type Budget,
  isRefusal,
  type Pool,
  type PoolRefusal,
  type Pools,
  type Resource,
} from "./model.ts";
import {
  clearRankFlags,
  invalidateBudgetRanks,
  invalidateRanks,
  updateAgeRanks,
  updateUseRanks,
} from "./ranking.ts";
import { adjustCurrent } from "./seeds.ts";
import { endSessionsOn } from "./sessions.ts";

/** Creates or changes a resource, in one pool or in all. A quantity below 1 changes nothing. */
export function setResource(
  pools: Pools,
  name: string,
  quantity: number,
  poolName?: string,
): PoolRefusal | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefusal(found)) return found;
  if (quantity < 1) return undefined;
  const isChange = (pool: Pool) => setInPool(pools, pool, name, quantity);
  if (found.filter(isChange).length > 0) pools.revision++;
  return undefined;
}

/** Creates or changes the resource in one pool; returns whether anything changed. */
function setInPool(pools: Pools, pool: Pool, name: string, quantity: number): boolean {
  const existing = pool.byName.get(name);
  const budget = existing?.budget ?? coupledBudget(pools, name) ?? newBudget(quantity);
  const hasNewQuantity = setHave(budget, quantity, budget.ratio);
  if (hasNewQuantity) invalidateBudgetRanks(budget);
  if (existing === undefined) addResource(pools, pool, name, budget);
  return hasNewQuantity || existing === undefined;
}

function coupledBudget(pools: Pools, name: string): Budget | undefined {
  if (!pools.coupled.has(name)) return undefined;
  for (const { budget } of pools.resources.get(name) ?? []) return budget;
  return undefined;
}

function addResource(pools: Pools, pool: Pool, text: string, budget: Budget): void {
  const name = detached(text);
  const resource: Resource = {
    name,
    pool,
    index: pool.resources.length,
    createdAtRevision: pools.revision,
    budget,
    frozen: false,
    locked: false,
    sessionCount: 0,
    oldest: undefined,
    youngest: undefined,
    slotCount: 0,
    freeSlots: [],
    rankedContactNumber: -1,
    isUseRankStale: false,
    isAgeRankStale: false,
    isRanked: false,
  };
  pool.resources.push(resource);
  pool.loads.push(0);
  pool.byName.set(name, resource);
  const namesakes = pools.resources.get(name);
  if (namesakes === undefined) pools.resources.set(name, new Set([resource]));
  else namesakes.add(resource);
  budget.resources.add(resource);
  invalidateRanks(resource);
}

/** Drops a resource with its sessions, from one pool or from all that have it. */
export function dropResource(
  pools: Pools,
  name: string,
  poolName?: string,
): PoolRefusal | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefusal(found)) return found;
  const resources = [...found];
  endSessionsOn(resources);
  for (const resource of resources) removeResource(pools, resource);
  pools.revision++;
  return undefined;
}

/**
 * Removes a resource without sessions from its pool. The time grows with the number of resources
 * after it.
 */
function removeResource(pools: Pools, resource: Resource): void {
  const { name, pool, index } = resource;
  updateUseRanks(pool); // so that the lists of stale ranks do not grow with dropped resources
  updateAgeRanks(pool);
  detachResource(pools, resource);
  pool.resources.splice(index, 1);
  pool.loads.splice(index, 1);
  for (let i = index; i < pool.resources.length; i++) pool.resources[i]!.index = i;
  pool.byName.delete(name);
  adjustCurrent(pool, index);
  for (const ranking of [pool.open, pool.occupied, pool.evictable, pool.openableByEviction]) {
    ranking.remove(index);
  }
}

/**
 * Removes a resource without sessions from everything except its pool. The coupling of its name
 * ends with the last resource of that name.
 */
export function detachResource(pools: Pools, resource: Resource): void {
  const { name, budget } = resource;
  invalidateBudgetRanks(budget);
  clearRankFlags(resource);
  budget.resources.delete(resource);
  pools.locked.delete(resource);
  const namesakes = pools.resources.get(name)!;
  namesakes.delete(resource);
  if (namesakes.size > 0) return;
  pools.resources.delete(name);
  pools.coupled.delete(name);
}
