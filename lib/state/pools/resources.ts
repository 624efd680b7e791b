/** Resources come and go: set-resource and drop-resource of section 2.2. */
import { detached } from "../../text.ts";
import { type Budget, newBudget, setHave } from "./budget.ts";
import { poolsOf, resourcesOf } from "./lookup.ts";
import { isRefused, type Pool, type Pools, type Refused, type Resource } from "./model.ts";
import { changed, forgetStaleness, outdate, rankAge, rankUse } from "./ranking.ts";
import { forgetChoice } from "./seeds.ts";
import { endSessions } from "./sessions.ts";

/** Creates or changes a resource, in one pool or in all. A quantity below 1 changes nothing. */
export function setResource(
  pools: Pools,
  name: string,
  quantity: number,
  poolName?: string,
): Refused | undefined {
  const found = poolsOf(pools, poolName);
  if (isRefused(found)) return found;
  if (quantity < 1) return undefined;
  if (found.filter((pool) => setIn(pools, pool, name, quantity)).length > 0) pools.revision++;
  return undefined;
}

function setIn(pools: Pools, pool: Pool, name: string, quantity: number): boolean {
  const known = pool.byName.get(name);
  const budget = known?.budget ?? coupledBudget(pools, name) ?? newBudget(quantity);
  const isOther = setHave(budget, quantity, budget.ratio);
  if (isOther) changed(budget);
  if (known === undefined) addResource(pools, pool, name, budget);
  return isOther || known === undefined;
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
    madeAt: pools.revision,
    budget,
    frozen: false,
    locked: false,
    held: 0,
    oldest: undefined,
    youngest: undefined,
    seats: 0,
    freeSeats: [],
    rankedOrder: -1,
    isUseStale: false,
    isAgeStale: false,
    isFresh: false,
  };
  pool.resources.push(resource);
  pool.loads.push(0);
  pool.byName.set(name, resource);
  const alike = pools.resources.get(name);
  if (alike === undefined) pools.resources.set(name, new Set([resource]));
  else alike.add(resource);
  budget.resources.add(resource);
  outdate(resource);
}

/** Drops a resource with its sessions, from one pool or from all that have it. */
export function dropResource(pools: Pools, name: string, poolName?: string): Refused | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefused(found)) return found;
  const resources = [...found];
  endSessions(resources);
  for (const resource of resources) removeResource(pools, resource);
  pools.revision++;
  return undefined;
}

/** Takes a resource without sessions out of its pool, at the cost of those behind it. */
function removeResource(pools: Pools, resource: Resource): void {
  const { name, pool, index } = resource;
  rankUse(pool); // so that the lists of stale ones do not grow with what comes and goes
  rankAge(pool);
  detach(pools, resource);
  pool.resources.splice(index, 1);
  pool.loads.splice(index, 1);
  for (let i = index; i < pool.resources.length; i++) pool.resources[i]!.index = i;
  pool.byName.delete(name);
  forgetChoice(pool, index);
  for (const ranking of [pool.open, pool.heldByAge, pool.endable, pool.openable]) {
    ranking.remove(index);
  }
}

/**
 * Takes a resource without sessions out of everything but its pool. The last of its name takes the
 * coupling along.
 */
export function detach(pools: Pools, resource: Resource): void {
  const { name, budget } = resource;
  changed(budget);
  forgetStaleness(resource);
  budget.resources.delete(resource);
  pools.locked.delete(resource);
  const alike = pools.resources.get(name)!;
  alike.delete(resource);
  if (alike.size > 0) return;
  pools.resources.delete(name);
  pools.coupled.delete(name);
}
