/** Shared and coupled resources: couple and decouple of section 2.2. */
import { detached } from "../../text.ts";
import { newBudget, setHave } from "./budget.ts";
import { type Budget, type PoolRefusal, type Pools, refuse, type Resource } from "./model.ts";
import { invalidateRanks } from "./ranking.ts";

/** Merges a resource's budgets of all pools: the largest quantity and ratio, the sum of all use. */
export function couple(pools: Pools, name: string): PoolRefusal | undefined {
  const resources = pools.resources.get(name);
  if (resources === undefined) return refuse("no resource", name);
  if (pools.coupled.has(name)) return undefined;
  const budgets = [...resources].map(({ budget }) => budget);
  const common = { ...newBudget(0), ratio: 0 };
  for (const { given, ratio, counted, offset } of budgets) {
    setHave(common, Math.max(common.given, given), Math.max(common.ratio, ratio));
    common.counted += counted;
    common.offset += offset;
  }
  for (const resource of resources) replaceBudget(resource, common);
  pools.coupled.add(detached(name));
  pools.revision++;
  return undefined;
}

/** Gives each pool its own budget with the current values; the first pool keeps the offset. */
export function decouple(pools: Pools, name: string): PoolRefusal | undefined {
  const resources = pools.resources.get(name);
  if (resources === undefined) return refuse("no resource", name);
  if (!pools.coupled.delete(name)) return undefined;
  const inOrder = [...resources].sort((a, b) => a.pool.index - b.pool.index);
  for (const [i, resource] of inOrder.entries()) {
    const { given, ratio, offset } = resource.budget;
    const own = newBudget(0);
    setHave(own, given, ratio);
    own.counted = resource.sessionCount;
    own.offset = i === 0 ? offset : 0;
    replaceBudget(resource, own);
  }
  pools.revision++;
  return undefined;
}

function replaceBudget(resource: Resource, budget: Budget): void {
  resource.budget = budget;
  resource.isRanked = false;
  budget.resources.add(resource);
  invalidateRanks(resource);
}
