/**
 * Ranks a pool's resources by use (which open resource does the seed method prefer?) and by age
 * (which resource has the session with the oldest contact?).
 *
 * Ranks are computed lazily. A change only marks a rank as stale; the next read of the pool's ranks
 * updates the stale ones. So a request that reads no ranks updates none, and a rank that changes
 * several times before it is read is updated once.
 */
import { effectiveUse, EXACT_HAVE_MAX, loadOf } from "./budget.ts";
import type { Budget, Pool, Resource } from "./model.ts";

export function isClosed({ frozen, locked }: Resource): boolean {
  return frozen || locked;
}

/** Marks the ranks of all resources that share the budget as stale. */
export function invalidateBudgetRanks({ ranked }: Budget): void {
  for (let i = 0; i < ranked.length; i++) {
    const resource = ranked[i]!;
    resource.isRanked = false;
    invalidateRanks(resource);
  }
  ranked.length = 0;
}

/** Marks the ranks of one resource, by use and by age, as stale. */
export function invalidateRanks(resource: Resource): void {
  invalidateUseRank(resource);
  invalidateAgeRank(resource);
}

export function invalidateUseRank(resource: Resource): void {
  if (resource.isUseRankStale) return;
  resource.isUseRankStale = true;
  resource.pool.staleUseRanks.push(resource);
}

/** Call this when a resource has another oldest session, or that session has a new contact. */
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

/** Records that a resource is ranked: its ranks must be marked when its budget changes. */
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

/** Sets or clears the flags that close a resource to new sessions. */
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
