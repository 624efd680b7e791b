/**
 * How a pool's resources stand to each other: which is open and the best for the seed method, and
 * which holds the session that has been longest without contact.
 *
 * Nothing is ranked when it changes, but when somebody asks: until then it is noted as stale, once
 * however often it changes. A request that nobody's rank matters to pays for no rank, and one that
 * asks pays for what has changed since.
 */
import { type Budget, EXACT_HAVE_MAX, loadOf, used } from "./budget.ts";
import type { Pool, Resource } from "./model.ts";

export function isClosed({ frozen, locked }: Resource): boolean {
  return frozen || locked;
}

/** A budget has changed: all that share it are stale, those that are not so already. */
export function changed({ fresh }: Budget): void {
  for (let i = 0; i < fresh.length; i++) {
    const resource = fresh[i]!;
    resource.isFresh = false;
    outdate(resource);
  }
  fresh.length = 0;
}

/** A resource is to be ranked anew, by use and by age. */
export function outdate(resource: Resource): void {
  outdateUse(resource);
  outdateAge(resource);
}

export function outdateUse(resource: Resource): void {
  if (resource.isUseStale) return;
  resource.isUseStale = true;
  resource.pool.useStale.push(resource);
}

/** The oldest session of a resource is another, or has another age. */
export function outdateAge(resource: Resource): void {
  if (resource.isAgeStale) return;
  resource.isAgeStale = true;
  resource.pool.ageStale.push(resource);
}

/** To be called before somebody asks `open`. */
export function rankUse(pool: Pool): void {
  const { open, loads, seed, useStale } = pool;
  for (let i = 0; i < useStale.length; i++) {
    const resource = useStale[i]!;
    if (!resource.isUseStale) continue;
    resource.isUseStale = false;
    const { index, budget } = resource;
    const before = loads[index];
    loads[index] = loadOf(budget, seed);
    if (budget.have > EXACT_HAVE_MAX) pool.isVast = true;
    const isOpen = !isClosed(resource) && used(budget) < budget.have;
    open.set(index, isOpen, pool.isVast || loads[index] !== before);
    freshen(resource);
  }
  useStale.length = 0;
}

/** To be called before somebody asks `heldByAge`, `endable` or `openable`. */
export function rankAge({ ageStale, heldByAge, endable, openable }: Pool): void {
  for (let i = 0; i < ageStale.length; i++) {
    const resource = ageStale[i]!;
    if (!resource.isAgeStale) continue;
    resource.isAgeStale = false;
    const { index, budget, oldest, rankedOrder } = resource;
    const isHeld = oldest !== undefined;
    const isEndable = isHeld && !isClosed(resource);
    resource.rankedOrder = isHeld ? oldest.order : -1;
    const moved = resource.rankedOrder !== rankedOrder;
    heldByAge.set(index, isHeld, moved);
    endable.set(index, isEndable, moved);
    openable.set(index, isEndable && used(budget, -1) < budget.have, moved);
    freshen(resource);
  }
  ageStale.length = 0;
}

/** Whoever is ranked wants to know when its budget changes. */
function freshen(resource: Resource): void {
  if (resource.isFresh) return;
  resource.isFresh = true;
  resource.budget.fresh.push(resource);
}

/** A resource is gone, or has another budget: nobody waits for it to be ranked. */
export function forgetStaleness(resource: Resource): void {
  resource.isFresh = false;
  resource.isUseStale = false;
  resource.isAgeStale = false;
}

/** Freezes, locks or opens a resource. */
export function setClosed(
  resource: Resource,
  flags: { readonly frozen?: boolean; readonly locked?: boolean },
): void {
  const wasClosed = isClosed(resource);
  Object.assign(resource, flags);
  if (wasClosed === isClosed(resource)) return;
  resource.pool.pinned += wasClosed ? -resource.held : resource.held;
  outdate(resource);
}
