/** What changes while all goes on: freeze and unfreeze of section 2.2, and section 2.3. */
import { type Budget, setHave } from "./budget.ts";
import { resourcesOf } from "./lookup.ts";
import { isRefused, type Pools, type Refused } from "./model.ts";
import { changed, setClosed } from "./ranking.ts";

/** Closes a resource for new sessions, or opens it again. */
export function setFrozen(
  pools: Pools,
  name: string,
  poolName: string,
  frozen: boolean,
): Refused | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefused(found)) return found;
  for (const resource of found) setClosed(resource, { frozen });
  return undefined;
}

/** Says how many sessions count as used now; later ones add to it. */
export function setUsed(
  pools: Pools,
  name: string,
  number: number,
  poolName?: string,
): Refused | undefined {
  return setBudgets(pools, name, poolName, (budget) => {
    budget.offset = number - budget.counted;
  });
}

/** @param ratio in ten-thousandths, from 1. */
export function setRatio(
  pools: Pools,
  name: string,
  ratio: number,
  poolName?: string,
): Refused | undefined {
  return setBudgets(pools, name, poolName, (budget) => {
    setHave(budget, budget.given, ratio);
  });
}

function setBudgets(
  pools: Pools,
  name: string,
  poolName: string | undefined,
  set: (budget: Budget) => void,
): Refused | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefused(found)) return found;
  for (const budget of new Set(Array.from(found, ({ budget }) => budget))) {
    set(budget);
    changed(budget);
  }
  return undefined;
}
