/**
 * What must be true of a pool table at any moment, found by looking at everything, and the table as
 * plain values in the order that the specification gives them.
 */
import { type Budget, usage, used } from "../../lib/state/pools/budget.ts";
import type { Pool, Pools, PoolSession, Resource } from "../../lib/state/pools/model.ts";
import { rankAge, rankUse } from "../../lib/state/pools/ranking.ts";
import { endMs } from "../../lib/state/pools/sessions.ts";
import type { Tournament } from "../../lib/collections/tournament.ts";
import { assert, assertEquals } from "./assert.ts";
import type { PoolModel } from "./pool_model.ts";
import * as slow from "./pool_model_values.ts";

/** The table: pools, sessions by age, coupled names, master, dirty. */
export function plain(pools: Pools): unknown {
  return [
    pools.list.map(plainPool),
    pools.list.flatMap(sessionsOf).sort((a, b) => a.order - b.order).map((session) => {
      const { consumer, contactMs, resource } = session;
      return [resource.pool.name, consumer, resource.name, contactMs];
    }),
    [...pools.coupled].sort(),
    pools.master ?? "nobody",
    pools.revision !== pools.savedRevision,
  ];
}

function plainPool(
  { name, latencyMs, seed, mode, current, currentStands, resources }: Pool,
): unknown {
  const modeText = typeof mode === "number" ? `queued-${mode}` : mode;
  const settings = [name, latencyMs, seed, modeText, Math.max(0, current), currentStands];
  return [
    ...settings,
    resources.map(({ name, budget, frozen, locked }) => {
      const { given, ratio, offset, counted, have } = budget;
      return [
        name,
        frozen,
        locked,
        given,
        ratio,
        have,
        counted,
        offset,
        used(budget),
        usage(budget),
      ];
    }),
  ];
}

/** The same of the model. */
export function plainModel({ pools, sessions, coupled, master, dirty }: PoolModel): unknown {
  return [
    pools.map((pool) => {
      const { name, latencySeconds, seed, mode, cursor, resources } = pool;
      const settings = [
        name,
        latencySeconds * 1000,
        seed,
        mode,
        slow.currentOf(pool),
        cursor.chosen,
      ];
      return [
        ...settings,
        resources.map(({ name, budget, frozen, locked }) => {
          const { given, ratio, offset } = budget;
          const have = [given, ratio, slow.effectiveHave(budget)];
          const uses = [
            slow.counted(sessions, budget),
            offset,
            slow.effectiveUsed(sessions, budget),
          ];
          return [name, frozen, locked, ...have, ...uses, slow.usage(sessions, budget)];
        }),
      ];
    }),
    sessions.map(({ pool, consumer, resource, contactMs }) => {
      return [pool.name, consumer, resource.name, contactMs];
    }),
    [...coupled].sort(),
    master ?? "nobody",
    dirty,
  ];
}

/** @param ranked whether to look at the ranks as well: then nothing is stale after. */
export function assertLaws(pools: Pools, ranked = true): void {
  assertIndices(pools);
  for (const pool of pools.list) {
    assertSessions(pool);
    assertStale(pool);
    if (ranked) {
      rankUse(pool);
      rankAge(pool);
      assertTournaments(pool);
    }
    for (const resource of pool.resources) assertBudget(pools, resource.budget);
  }
  assertDue(pools);
  const orders = pools.list.flatMap(sessionsOf).map(({ order }) => order);
  same(new Set(orders).size, orders.length, "no two contacts are one");
  assert(orders.every((order) => order <= pools.contacts), "later contacts come later");
}

/** `assertEquals` of two plain values, which costs nothing where they are equal. */
function same(actual: unknown, expected: unknown, what: string, at?: number): void {
  if (actual !== expected) assertEquals(actual, expected, `${what} ${at ?? ""}`);
}

/** What is found by name is what stands in the lists. */
function assertIndices(
  { list, byName, resources, locked, master, revision }: Pools,
): void {
  const all = list.flatMap((pool) => pool.resources);
  sameMembers(byName, list.map((pool) => [pool.name, pool]), "pools by name");
  for (const [index, pool] of list.entries()) {
    same(pool.index, index, "index of a pool");
    sameMembers(pool.byName, pool.resources.map((its) => [its.name, its]), "resources by name");
    pool.resources.forEach((its, index) => {
      assert(its.index === index && its.pool === pool, "place of a resource");
      assert(its.madeAt < revision, "when a resource was made");
      assert(index === 0 || pool.resources[index - 1]!.madeAt < its.madeAt, "by age");
    });
    assert(pool.madeAt < revision, "when a pool was made");
    assert(index === 0 || list[index - 1]!.madeAt < pool.madeAt, "pools by age");
  }
  sameMembers(
    [...resources].flatMap(([, alike]) => [...alike]),
    all,
    "resources of all pools",
  );
  for (const [name, alike] of resources) {
    assert(alike.size > 0 && [...alike].every((its) => its.name === name), "resources of a name");
  }
  sameMembers(locked, all.filter((its) => its.locked), "locked resources");
  assert(master !== undefined || locked.size === 0, "locks fall with the master");
}

/** The same objects, or the same pairs of name and object, in any order. */
function sameMembers(some: Iterable<unknown>, others: unknown[], message: string): void {
  const [all, wanted] = [[...some].flat(), new Set(others.flat())];
  assert(all.length === wanted.size && all.every((its) => wanted.has(its)), message);
}

/** One list for each resource, in both directions by age; one session for each consumer. */
function assertSessions(pool: Pool): void {
  const sessions = sessionsOf(pool);
  same(pool.sessions.size, sessions.length, "sessions by consumer");
  for (const session of sessions) {
    assert(pool.sessions.get(session.consumer) === session, "the session of a consumer");
  }
  for (const resource of pool.resources) {
    const line = lineOf(resource);
    same(resource.held, line.length, "held");
    assert(resource.youngest === line.at(-1), "youngest");
    assertSeats(resource, line);
    line.forEach((session, i) => {
      assert(session.resource === resource && session.older === line[i - 1], "older");
      assert(i === 0 || line[i - 1]!.order < session.order, "by order");
      assert(i === 0 || line[i - 1]!.contactMs <= session.contactMs, "by contact");
    });
  }
}

/** Each seat is somebody's or free; a resource without sessions has none. */
function assertSeats({ seats, freeSeats }: Resource, line: readonly PoolSession[]): void {
  assert(line.length > 0 || seats === 0, "no seats without sessions");
  const all = [...line.map(({ seat }) => seat), ...freeSeats].sort((a, b) => a - b);
  same(all.join(), [...Array(seats).keys()].join(), "seats");
}

function assertBudget(pools: Pools, { counted, given, ratio, have, resources }: Budget): void {
  const [first] = resources;
  const alike = pools.list.map(({ byName }) => byName.get(first!.name)).filter((its) => !!its);
  const sharing = pools.coupled.has(first!.name) ? alike : [first];
  sameMembers(resources, sharing, "who shares a budget");
  for (const resource of resources) assert(resource.budget.resources === resources, "one budget");
  same(counted, [...resources].reduce((sum, { held }) => sum + held, 0), "counted");
  same(have, slow.effectiveHave({ given, ratio, offset: 0 }), "effective have");
}

/** A resource is ranked as its budget is now, or it is known that it is not. */
function assertStale({ resources, useStale, ageStale, pinned }: Pool): void {
  for (const resource of resources) {
    const { budget, isUseStale, isAgeStale, isFresh } = resource;
    same(budget.fresh.filter((its) => its === resource).length, isFresh ? 1 : 0, "fresh");
    assert(isFresh || (isUseStale && isAgeStale), "who is not told of changes is stale");
    const times = (its: readonly Resource[]) => its.filter((it) => it === resource).length;
    same(times(useStale), isUseStale ? 1 : 0, "the pool knows once what is stale by use");
    same(times(ageStale), isAgeStale ? 1 : 0, "the pool knows once what is stale by age");
  }
  const closed = resources.filter(({ frozen, locked }) => frozen || locked);
  same(pinned, closed.reduce((sum, { held }) => sum + held, 0), "pinned");
}

/** The rankings of a pool, against full scans. */
function assertTournaments(
  { resources, seed, open, heldByAge, endable, openable }: Pool,
): void {
  const isFree = ({ frozen, locked }: Resource) => !frozen && !locked;
  const isHeld = ({ oldest }: Resource) => oldest !== undefined;
  const opens = ({ budget }: Resource, less: number) => {
    return Math.max(0, budget.counted - less + budget.offset) < budget.have;
  };
  const age = ({ oldest }: Resource) => oldest!.order;
  const loads: Record<string, (its: Resource) => number> = {
    minimal: ({ budget }) => used(budget),
    weighted: ({ budget }) => used(budget) / budget.have,
  };
  const load = loads[seed] ?? (() => 0);
  assertRanking(heldByAge, resources, isHeld, age);
  assertRanking(endable, resources, (its) => isHeld(its) && isFree(its), age);
  assertRanking(open, resources, (its) => isFree(its) && opens(its, 0), load);
  assertRanking(openable, resources, (its) => isHeld(its) && isFree(its) && opens(its, 1), age);
}

/** Who takes part, who is first among them, and who comes next from any place on. */
function assertRanking<T>(
  ranking: Tournament,
  items: readonly T[],
  takesPart: (item: T) => boolean,
  value: (item: T) => number,
): void {
  let [best, next] = [-1, -1];
  for (let i = items.length + 1; i >= 0; i--) {
    const item = items[i];
    const isIn = item !== undefined && takesPart(item);
    same(ranking.has(i), isIn, "takes part", i);
    if (isIn) {
      next = i;
      if (best < 0 || value(item) <= value(items[best]!)) best = i;
    }
    same(ranking.next(i), next, "next", i);
  }
  same(ranking.winner, best, "winner");
}

/** No session ends before its pool is due, and the pool that is due first is known. */
function assertDue({ due, list }: Pools): void {
  for (const pool of list) {
    const oldest = Math.min(...sessionsOf(pool).map(endMs));
    assert(pool.dueMs <= oldest, "no session ends before the pool is due");
  }
  assertRanking(due, list, ({ dueMs }) => dueMs < Infinity, ({ dueMs }) => dueMs);
}

/** By resource. */
function sessionsOf({ resources }: Pool): PoolSession[] {
  return resources.flatMap(lineOf);
}

/** From the oldest on. */
function lineOf({ oldest }: Resource): PoolSession[] {
  const line: PoolSession[] = [];
  for (let session = oldest; session !== undefined; session = session.younger) {
    line.push(session);
    assert(line.length < 1000, "a list that ends");
  }
  return line;
}
