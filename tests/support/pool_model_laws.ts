/** Checks the laws of a pool table by inspecting all of it. */
import { effectiveUse } from "../../lib/state/pools/budget.ts";
import type { Budget, Pool, Pools, PoolSession, Resource } from "../../lib/state/pools/model.ts";
import { updateAgeRanks, updateUseRanks } from "../../lib/state/pools/ranking.ts";
import { sessionEndMs } from "../../lib/state/pools/sessions.ts";
import type { Tournament } from "../../lib/collections/tournament.ts";
import { assert, assertEquals } from "./assert.ts";
import * as reference from "./pool_model_values.ts";

/** @param ranked whether to check the ranks as well, which updates the stale ones. */
export function assertLaws(pools: Pools, ranked = true): void {
  assertIndices(pools);
  for (const pool of pools.list) {
    assertSessions(pool);
    assertRankFlags(pool);
    if (ranked) {
      updateUseRanks(pool);
      updateAgeRanks(pool);
      assertTournaments(pool);
    }
    for (const resource of pool.resources) assertBudget(pools, resource.budget);
  }
  assertExpiry(pools);
  const contacts = pools.list.flatMap(sessionsOf).map(({ contactNumber }) => contactNumber);
  assertSame(new Set(contacts).size, contacts.length, "contact numbers are unique");
  assert(contacts.every((number) => number <= pools.contactCount), "contact numbers");
}

/** `assertEquals` of two primitive values, at no cost if they are equal. */
function assertSame(actual: unknown, expected: unknown, what: string, at?: number): void {
  if (actual !== expected) assertEquals(actual, expected, `${what} ${at ?? ""}`);
}

/** Checks that look-ups by name agree with the lists. */
function assertIndices(
  { list, byName, resources, locked, master, revision }: Pools,
): void {
  const all = list.flatMap((pool) => pool.resources);
  sameMembers(byName, list.map((pool) => [pool.name, pool]), "pools by name");
  for (const [index, pool] of list.entries()) {
    assertSame(pool.index, index, "index of a pool");
    sameMembers(pool.byName, pool.resources.map((its) => [its.name, its]), "resources by name");
    pool.resources.forEach((its, index) => {
      assert(its.index === index && its.pool === pool, "index and pool of a resource");
      assert(its.createdAtRevision < revision, "the revision at which a resource was created");
      assert(
        index === 0 || pool.resources[index - 1]!.createdAtRevision < its.createdAtRevision,
        "resources by revision",
      );
    });
    assert(pool.createdAtRevision < revision, "the revision at which a pool was created");
    assert(
      index === 0 || list[index - 1]!.createdAtRevision < pool.createdAtRevision,
      "pools by revision",
    );
  }
  sameMembers(
    [...resources].flatMap(([, namesakes]) => [...namesakes]),
    all,
    "resources of all pools",
  );
  for (const [name, namesakes] of resources) {
    assert(
      namesakes.size > 0 && [...namesakes].every((its) => its.name === name),
      "resources of a name",
    );
  }
  sameMembers(locked, all.filter((its) => its.locked), "locked resources");
  assert(master !== undefined || locked.size === 0, "locks only with a master");
}

/** Checks for the same objects, or the same pairs of name and object, in any order. */
function sameMembers(some: Iterable<unknown>, others: unknown[], message: string): void {
  const [all, wanted] = [[...some].flat(), new Set(others.flat())];
  assert(all.length === wanted.size && all.every((its) => wanted.has(its)), message);
}

/** Checks that each resource has a list by age in both directions, each consumer one session. */
function assertSessions(pool: Pool): void {
  const sessions = sessionsOf(pool);
  assertSame(pool.sessions.size, sessions.length, "sessions by consumer");
  for (const session of sessions) {
    assert(pool.sessions.get(session.consumer) === session, "the session of a consumer");
  }
  for (const resource of pool.resources) {
    const sessions = sessionsOn(resource);
    assertSame(resource.sessionCount, sessions.length, "session count");
    assert(resource.youngest === sessions.at(-1), "youngest");
    assertSlots(resource, sessions);
    sessions.forEach((session, i) => {
      assert(session.resource === resource && session.older === sessions[i - 1], "older");
      assert(
        i === 0 || sessions[i - 1]!.contactNumber < session.contactNumber,
        "by contact number",
      );
      assert(i === 0 || sessions[i - 1]!.contactMs <= session.contactMs, "by contact time");
    });
  }
}

/** Checks that each slot is used or free; a resource without sessions has none. */
function assertSlots({ slotCount, freeSlots }: Resource, sessions: readonly PoolSession[]): void {
  assert(sessions.length > 0 || slotCount === 0, "no slots without sessions");
  const all = [...sessions.map(({ slot }) => slot), ...freeSlots].sort((a, b) => a - b);
  assertSame(all.join(), [...Array(slotCount).keys()].join(), "slots");
}

function assertBudget(pools: Pools, { counted, given, ratio, have, resources }: Budget): void {
  const [first] = resources;
  const namesakes = pools.list.map(({ byName }) => byName.get(first!.name)).filter((its) => !!its);
  const sharing = pools.coupled.has(first!.name) ? namesakes : [first];
  sameMembers(resources, sharing, "the resources that share a budget");
  for (const resource of resources) assert(resource.budget.resources === resources, "one budget");
  assertSame(
    counted,
    [...resources].reduce((sum, { sessionCount }) => sum + sessionCount, 0),
    "counted",
  );
  assertSame(have, reference.effectiveHave({ given, ratio, offset: 0 }), "effective have");
}

/** Checks that a resource is ranked by its current budget, or marked as stale. */
function assertRankFlags({ resources, staleUseRanks, staleAgeRanks, pinnedCount }: Pool): void {
  for (const resource of resources) {
    const { budget, isUseRankStale, isAgeRankStale, isRanked } = resource;
    assertSame(
      budget.ranked.filter((its) => its === resource).length,
      isRanked ? 1 : 0,
      "in `ranked` once",
    );
    assert(
      isRanked || (isUseRankStale && isAgeRankStale),
      "a resource that is not in `ranked` is marked as stale",
    );
    const times = (its: readonly Resource[]) => its.filter((it) => it === resource).length;
    assertSame(times(staleUseRanks), isUseRankStale ? 1 : 0, "in staleUseRanks once");
    assertSame(times(staleAgeRanks), isAgeRankStale ? 1 : 0, "in staleAgeRanks once");
  }
  const closed = resources.filter(({ frozen, locked }) => frozen || locked);
  assertSame(
    pinnedCount,
    closed.reduce((sum, { sessionCount }) => sum + sessionCount, 0),
    "pinned",
  );
}

/** Checks the tournaments of a pool against full scans. */
function assertTournaments(
  { resources, seed, open, occupied, evictable, openableByEviction }: Pool,
): void {
  const isUnblocked = ({ frozen, locked }: Resource) => !frozen && !locked;
  const isOccupied = ({ oldest }: Resource) => oldest !== undefined;
  const hasRoom = ({ budget }: Resource, less: number) => {
    return Math.max(0, budget.counted - less + budget.offset) < budget.have;
  };
  const age = ({ oldest }: Resource) => oldest!.contactNumber;
  const loads: Record<string, (its: Resource) => number> = {
    minimal: ({ budget }) => effectiveUse(budget),
    weighted: ({ budget }) => effectiveUse(budget) / budget.have,
  };
  const load = loads[seed] ?? (() => 0);
  assertRanking(occupied, resources, isOccupied, age);
  assertRanking(evictable, resources, (its) => isOccupied(its) && isUnblocked(its), age);
  assertRanking(open, resources, (its) => isUnblocked(its) && hasRoom(its, 0), load);
  assertRanking(
    openableByEviction,
    resources,
    (its) => isOccupied(its) && isUnblocked(its) && hasRoom(its, 1),
    age,
  );
}

/** Checks the active items, the winner, and the next active item from every index. */
function assertRanking<T>(
  ranking: Tournament,
  items: readonly T[],
  isActive: (item: T) => boolean,
  value: (item: T) => number,
): void {
  let [best, next] = [-1, -1];
  for (let i = items.length + 1; i >= 0; i--) {
    const item = items[i];
    const isExpected = item !== undefined && isActive(item);
    assertSame(ranking.has(i), isExpected, "active", i);
    if (isExpected) {
      next = i;
      if (best < 0 || value(item) <= value(items[best]!)) best = i;
    }
    assertSame(ranking.next(i), next, "next", i);
  }
  assertSame(ranking.winner, best, "winner");
}

/** Checks that no session expires before `nextExpiryMs` of its pool, and the order of the pools. */
function assertExpiry({ byExpiry, list }: Pools): void {
  for (const pool of list) {
    const oldest = Math.min(...sessionsOf(pool).map(sessionEndMs));
    assert(pool.nextExpiryMs <= oldest, "no session expires before nextExpiryMs");
  }
  assertRanking(
    byExpiry,
    list,
    ({ nextExpiryMs }) => nextExpiryMs < Infinity,
    ({ nextExpiryMs }) => nextExpiryMs,
  );
}

/** Returns the sessions of a pool, by resource. */
function sessionsOf({ resources }: Pool): PoolSession[] {
  return resources.flatMap(sessionsOn);
}

/** Returns the sessions on a resource, the oldest first. */
function sessionsOn({ oldest }: Resource): PoolSession[] {
  const sessions: PoolSession[] = [];
  for (let session = oldest; session !== undefined; session = session.younger) {
    sessions.push(session);
    assert(sessions.length < 1000, "a list that ends");
  }
  return sessions;
}
