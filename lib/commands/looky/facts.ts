/**
 * What `print-*` finds out, fact by fact: read in looks at the pools that are each short, so that
 * others are served between them, and worded elsewhere (`shapes.ts`). A fact is of one moment. What
 * a longer list of them is, docs/protocol/looky.md says under "Long listings".
 */
import type { Budget } from "../../state/pools/budget.ts";
import { LOOK_MAX, MadeWalk, SessionWalk } from "../../state/pools/listing.ts";
import {
  type Pool,
  type Pools,
  refuse,
  type Refused,
  type Resource,
} from "../../state/pools/model.ts";
import { writeMode } from "../../wire/looky_values.ts";
import { chunks, firstOf, type Look, type Moment, PAUSE, resourceNames } from "./look.ts";

/** Facts as they are found out; or none, and why. */
export type Facts<F> = Generator<F | typeof PAUSE, Refused | void>;

export type BudgetFact = readonly [
  given: number,
  ratio: number,
  have: number,
  counted: number,
  offset: number,
];
/** The last contact with a consumer, in seconds since 1970, and how many ago. */
export type ContactFact = readonly [seconds: number, ago: number];

export type HeadFact = readonly [
  is: "pool",
  name: string,
  mode: string,
  seed: string,
  latencyMs: number,
  maxSize: number,
  isAuto: number,
  current: number,
  resources: number,
];
export type PoolFact =
  | HeadFact
  | readonly [is: "resource", name: string, ...BudgetFact]
  | readonly [is: "end"];

export type ResourceFact =
  | readonly [is: "none", pool: string]
  | readonly [is: "pool", pool: string]
  | readonly [is: "consumer", name: string, ...ContactFact]
  | readonly [is: "end", frozen: number, locked: number, ...BudgetFact];

export type ConsumerFact =
  | readonly [is: "none", pool: string]
  | readonly [is: "session", pool: string, resource: string, ...ContactFact];

export type KindFact = readonly [is: "shared" | "coupled", name: string];

/** A pool with its resources; of one with few of them, all is of one moment. */
export function* poolFacts(look: Look, name: string): Facts<PoolFact> {
  const walk = look((pools) => new MadeWalk(pools));
  const next = ({ byName }: Pools) =>
    walk.next(byName.get(name)?.resources ?? []).map(resourceFact);
  const sum = yield* longSum(look, name);
  const first = look((pools): PoolFact[] | typeof PAUSE => {
    const pool = pools.byName.get(name);
    return pool && [poolFact(pool, sum ?? sumOf(pool.resources)), ...next(pools)];
  });
  if (first === undefined) return; // it has gone meanwhile
  yield* first;
  while (!walk.isOver) {
    yield PAUSE;
    yield* look(next);
  }
  yield ["end"];
}

/** What all resources of a pool have, when that is too long for one look. */
function* longSum(look: Look, name: string): Generator<typeof PAUSE, number | undefined> {
  const resourcesIn = ({ byName }: Pools) => byName.get(name)?.resources ?? [];
  if (look((pools) => resourcesIn(pools).length <= LOOK_MAX)) return undefined;
  const walk = look((pools) => new MadeWalk(pools));
  let sum = 0;
  for (; !walk.isOver; yield PAUSE) sum += look((pools) => sumOf(walk.next(resourcesIn(pools))));
  return sum;
}

function sumOf(resources: readonly Resource[]): number {
  return resources.reduce((sum, { budget }) => sum + budget.have, 0);
}

function poolFact(
  { name, mode, seed, latencyMs, current, resources }: Pool,
  sum: number,
): HeadFact {
  const isAuto = typeof mode !== "number";
  const numbers = [latencyMs, isAuto ? sum : mode, Number(isAuto), Math.max(0, current)] as const;
  return ["pool", name, writeMode(mode), seed, ...numbers, resources.length];
}

function resourceFact({ name, budget }: Resource): PoolFact {
  return ["resource", name, ...budgetFact(budget)];
}

function budgetFact({ given, ratio, have, counted, offset }: Budget): BudgetFact {
  return [given, ratio, have, counted, offset];
}

/** A resource of one pool; what stands behind its consumers is of the moment of the first ones. */
export function* resourceFacts(look: Look, pool: string, name: string): Facts<ResourceFact> {
  const walk = new SessionWalk(pool, name);
  const next = (pools: Pools, moment: Moment) =>
    walk.next(pools).map(({ consumer, contactMs }): ResourceFact => [
      "consumer",
      consumer,
      ...contactFact(contactMs, moment),
    ]);
  const first = look((pools, moment): readonly [ResourceFact, ResourceFact[]] | typeof PAUSE => {
    const its = pools.byName.get(pool);
    if (its === undefined) return undefined; // it has gone meanwhile
    const resource = its.byName.get(name);
    if (resource === undefined) return [["none", pool], []];
    const { frozen, locked, budget } = resource;
    const end = ["end", Number(frozen), Number(locked), ...budgetFact(budget)] as const;
    return [end, [["pool", pool], ...next(pools, moment)]];
  });
  if (first === undefined) return;
  const [end, facts] = first;
  yield* facts;
  while (facts.length > 0 && !walk.isOver) {
    yield PAUSE;
    yield* look(next);
  }
  yield end;
}

/**
 * A consumer in each of some pools; nothing if it is in none of them. So there is nothing to say
 * before the first is found: those before it are counted, and told then.
 */
export function* consumerFacts(
  look: Look,
  pools: Iterable<string>,
  name: string,
): Facts<ConsumerFact> {
  let [passed, isFound] = [0, false];
  for (const some of chunks(pools)) {
    const facts = look(({ byName }, moment) =>
      some.flatMap((pool) => consumerFact(byName.get(pool), name, moment) ?? [])
    );
    if (!isFound && facts.every(([is]) => is === "none")) {
      passed += some.length;
      yield PAUSE;
      continue;
    }
    if (!isFound) { for (const pool of firstOf(passed, pools)) yield ["none", pool]; }
    isFound = true;
    yield* facts;
  }
  return isFound ? undefined : refuse("no consumer", name);
}

function consumerFact(
  pool: Pool | undefined,
  name: string,
  moment: Moment,
): [ConsumerFact] | undefined {
  if (pool === undefined) return undefined; // it has gone meanwhile
  const session = pool.sessions.get(name);
  if (session === undefined) return [["none", pool.name]];
  const { resource, contactMs } = session;
  return [["session", pool.name, resource.name, ...contactFact(contactMs, moment)]];
}

function contactFact(contactMs: number, { nowMs, clock }: Moment): ContactFact {
  return [clock.seconds(contactMs), Math.floor((nowMs - contactMs) / 1000)];
}

/** What kind each resource is of. */
export function* kindFacts(look: Look): Facts<KindFact> {
  for (const some of chunks(yield* resourceNames(look))) {
    yield* look(({ resources, coupled }) =>
      some.filter((name) => resources.get(name) !== undefined)
        .map((name): KindFact => [coupled.has(name) ? "coupled" : "shared", name])
    );
  }
}
