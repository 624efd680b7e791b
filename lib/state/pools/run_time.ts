/** What changes while all goes on: freeze and unfreeze of section 2.2, and section 2.3. */
import { type Budget, setHave } from "./budget.ts";
import { type Pools, rankAll, type Refused, type Resource } from "./model.ts";
import { resourcesOf } from "./resources.ts";

/** Closes a resource for new sessions, or opens it again. */
export function setFrozen(
  pools: Pools,
  name: string,
  poolName: string,
  frozen: boolean,
): Refused | undefined {
  return setEach(pools, name, poolName, (resource) => {
    resource.frozen = frozen;
  });
}

/** Says how many sessions count as used now; later ones add to it. */
export function setUsed(
  pools: Pools,
  name: string,
  number: number,
  poolName?: string,
): Refused | undefined {
  return setEach(pools, name, poolName, ({ budget }) => {
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
  return setEach(pools, name, poolName, ({ budget }) => {
    setHave(budget, budget.given, ratio);
  });
}

function setEach(
  pools: Pools,
  name: string,
  poolName: string | undefined,
  set: (resource: Resource) => void,
): Refused | undefined {
  const found = resourcesOf(pools, name, poolName);
  if ("refused" in found) return found;
  const budgets = new Set<Budget>();
  for (const resource of found) {
    set(resource);
    budgets.add(resource.budget);
  }
  for (const budget of budgets) rankAll(budget);
  return undefined;
}
