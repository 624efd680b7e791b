/** Shared and coupled resources: couple and decouple of section 2.2. */
import { detached } from "../../text.ts";
import { type Budget, newBudget, setHave } from "./budget.ts";
import { type Pools, refuse, type Refused, type Resource } from "./model.ts";
import { outdate } from "./ranking.ts";

/** Makes one budget of those of all pools: the largest quantity and ratio, the sum of all use. */
export function couple(pools: Pools, name: string): Refused | undefined {
  const alike = pools.resources.get(name);
  if (alike === undefined) return refuse("no resource", name);
  if (pools.coupled.has(name)) return undefined;
  const budgets = [...alike].map(({ budget }) => budget);
  const common = { ...newBudget(0), ratio: 0 };
  for (const { given, ratio, counted, offset } of budgets) {
    setHave(common, Math.max(common.given, given), Math.max(common.ratio, ratio));
    common.counted += counted;
    common.offset += offset;
  }
  for (const resource of alike) giveBudget(resource, common);
  pools.coupled.add(detached(name));
  pools.revision++;
  return undefined;
}

/** Gives each pool a budget of its own, as it is now; the offset stays with the first pool. */
export function decouple(pools: Pools, name: string): Refused | undefined {
  const alike = pools.resources.get(name);
  if (alike === undefined) return refuse("no resource", name);
  if (!pools.coupled.delete(name)) return undefined;
  const inOrder = [...alike].sort((a, b) => a.pool.index - b.pool.index);
  for (const [i, resource] of inOrder.entries()) {
    const { given, ratio, offset } = resource.budget;
    const own = newBudget(0);
    setHave(own, given, ratio);
    own.counted = resource.held;
    own.offset = i === 0 ? offset : 0;
    giveBudget(resource, own);
  }
  pools.revision++;
  return undefined;
}

function giveBudget(resource: Resource, budget: Budget): void {
  resource.budget = budget;
  resource.isFresh = false;
  budget.resources.add(resource);
  outdate(resource);
}
