/**
 * The ranks of a pool's resources: which is open and the best for the seed method, and which has
 * the session that has been longest without contact.
 *
 * Ranks are computed lazily. A change only marks a rank as stale, once however often it changes;
 * the next read of the pool's ranks updates the stale ones. A request that reads no rank pays for
 * none, and one that does pays for what has changed since the last read.
 */
import { effectiveUse, EXACT_HAVE_MAX, loadOf } from "./budget.ts";
import type { Budget, Pool, Resource } from "./model.ts";

export function isClosed({ frozen, locked }: Resource): boolean {
  return frozen || locked;
}

/** Marks the ranks of all resources that share the budget, unless they are marked already. */
export function invalidateBudgetRanks({ ranked }: Budget): void {
  for (let i = 0; i < ranked.length; i++) {
    const resource = ranked[i]!;
    resource.isRanked = false;
    invalidateRanks(resource);
  }
  ranked.length = 0;
}

/** Marks the ranks by use and by age of one resource. */
export function invalidateRanks(resource: Resource): void {
  invalidateUseRank(resource);
  invalidateAgeRank(resource);
}

export function invalidateUseRank(resource: Resource): void {
  if (resource.isUseRankStale) return;
  resource.isUseRankStale = true;
  resource.pool.staleUseRanks.push(resource);
}

/** Call this when a resource has a different oldest session, or that session a different age. */
export function invalidateAgeRank(resource: Resource): void {
  if (resource.isAgeRankStale) return;
  resource.isAgeRankStale = true;
  resource.pool.staleAgeRanks.push(resource);
}

/** Updates `open`. Call this before reading it. */
export function updateUseRanks(pool: Pool): void {
  const { open, loads, seed, staleUseRanks } = pool;
  for (let i = 0; i < staleUseRanks.length; i++) {
    const resource = staleUseRanks[i]!;
    if (!resource.isUseRankStale) continue;
    resource.isUseRankStale = false;
    const { index, budget } = resource;
    const before = loads[index];
    loads[index] = loadOf(budget, seed);
    if (budget.have > EXACT_HAVE_MAX) pool.hasInexactLoads = true;
    const isOpen = !isClosed(resource) && effectiveUse(budget) < budget.have;
    open.set(index, isOpen, pool.hasInexactLoads || loads[index] !== before);
    addToRanked(resource);
  }
  staleUseRanks.length = 0;
}

/** Updates `occupied`, `evictable` and `openableByEviction`. Call this before reading them. */
export function updateAgeRanks(
  { staleAgeRanks, occupied, evictable, openableByEviction }: Pool,
): void {
  for (let i = 0; i < staleAgeRanks.length; i++) {
    const resource = staleAgeRanks[i]!;
    if (!resource.isAgeRankStale) continue;
    resource.isAgeRankStale = false;
    const { index, budget, oldest, rankedContactNumber } = resource;
    const isOccupied = oldest !== undefined;
    const isEvictable = isOccupied && !isClosed(resource);
    const isOpenable = isEvictable && effectiveUse(budget, -1) < budget.have;
    resource.rankedContactNumber = isOccupied ? oldest.contactNumber : -1;
    const hasNewRank = resource.rankedContactNumber !== rankedContactNumber;
    occupied.set(index, isOccupied, hasNewRank);
    evictable.set(index, isEvictable, hasNewRank);
    openableByEviction.set(index, isOpenable, hasNewRank);
    addToRanked(resource);
  }
  staleAgeRanks.length = 0;
}

/** A ranked resource must be marked when its budget changes. */
function addToRanked(resource: Resource): void {
  if (resource.isRanked) return;
  resource.isRanked = true;
  resource.budget.ranked.push(resource);
}

/** Clears the marks of a resource that is dropped, so that it is not ranked again. */
export function clearRankFlags(resource: Resource): void {
  resource.isRanked = false;
  resource.isUseRankStale = false;
  resource.isAgeRankStale = false;
}

/** Freezes, locks or opens a resource. */
export function setClosed(
  resource: Resource,
  flags: { readonly frozen?: boolean; readonly locked?: boolean },
): void {
  const wasClosed = isClosed(resource);
  Object.assign(resource, flags);
  if (wasClosed === isClosed(resource)) return;
  resource.pool.pinnedCount += wasClosed ? -resource.sessionCount : resource.sessionCount;
  invalidateRanks(resource);
}
