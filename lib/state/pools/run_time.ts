/** Rules that adjust resources in use: freeze and unfreeze of section 2.2, and section 2.3. */
import { setHave } from "./budget.ts";
import { resourcesOf } from "./lookup.ts";
import { type Budget, isRefusal, type PoolRefusal, type Pools } from "./model.ts";
import { invalidateBudgetRanks, setClosed } from "./ranking.ts";

/** Closes a resource to new sessions, or opens it again. */
export function setFrozen(
  pools: Pools,
  name: string,
  poolName: string,
  frozen: boolean,
): PoolRefusal | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefusal(found)) return found;
  for (const resource of found) setClosed(resource, { frozen });
  return undefined;
}

/** Sets the effective use to `number`; later sessions change it from there. */
export function setUsed(
  pools: Pools,
  name: string,
  number: number,
  poolName?: string,
): PoolRefusal | undefined {
  return setBudgets(pools, name, poolName, (budget) => {
    budget.offset = number - budget.counted;
  });
}

/**
 * Sets the ratio of the effective quantity to the given one.
 * @param ratio in ten-thousandths, from 1.
 */
export function setRatio(
  pools: Pools,
  name: string,
  ratio: number,
  poolName?: string,
): PoolRefusal | undefined {
  return setBudgets(pools, name, poolName, (budget) => {
    setHave(budget, budget.given, ratio);
  });
}

function setBudgets(
  pools: Pools,
  name: string,
  poolName: string | undefined,
  set: (budget: Budget) => void,
): PoolRefusal | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefusal(found)) return found;
  for (const budget of new Set(Array.from(found, ({ budget }) => budget))) {
    set(budget);
    invalidateBudgetRanks(budget);
  }
  return undefined;
}
