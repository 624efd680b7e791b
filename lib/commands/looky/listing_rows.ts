/**
 * What `print-*` finds out, fact by fact: read in looks at the pools that are each short, so that
 * others are served between them, and worded elsewhere (`shapes.ts`, `json.ts`). A fact is of one
 * moment. What a longer list of them is, docs/protocol/looky.md says under "Long listings".
 *
 * Of very many things one fact tells some hundred, in columns: where millions of little arrays come
 * and go, the runtime may take them for lasting ones, and gathers their garbage much too late.
 */
import { LISTING_BATCH_MAX } from "../../limits.ts";
import type { Budget } from "../../state/pools/budget.ts";
import { MadeWalk, SessionWalk } from "../../state/pools/listing.ts";
import {
  type Pool,
  type Pools,
  type PoolSession,
  refuse,
  type Refused,
  type Resource,
} from "../../state/pools/model.ts";
import { writeMode } from "../../wire/looky_values.ts";
import {
  chunks,
  firstOf,
  type PagedRead,
  PAUSE,
  type ReadTime,
  resourceNames,
} from "./paged_read.ts";

/** Facts as they are found out; or none, and why. */
export type Facts<F> = Generator<F | typeof PAUSE, Refused | void>;

type Texts = readonly string[];
type Numbers = readonly number[];

/** given ratio have counted offset; a fact about several resources has them in a row. */
export type BudgetNumbers = Numbers;
export const BUDGET_NUMBERS = 5;

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
  | readonly [is: "resources", names: Texts, budgets: BudgetNumbers]
  | readonly [is: "end"];

/** When a consumer was last in contact: in seconds since 1970, and how many seconds ago. */
export type ResourceFact =
  | readonly [is: "none", pool: string]
  | readonly [is: "pool", pool: string]
  | readonly [is: "consumers", names: Texts, seconds: Numbers, ago: Numbers]
  | readonly [is: "end", frozen: number, locked: number, budget: BudgetNumbers];

/** Pools without the consumer, or such with it, and the resource that it has there. */
export type ConsumerFact =
  | readonly [is: "none", pools: Texts]
  | readonly [is: "pool", pool: string, resource: string, seconds: number, ago: number];

export type KindFact = readonly [is: "shared" | "coupled", names: Texts];

/** A pool with its resources; of one with few of them, all is of one moment. */
export function* poolFacts(look: PagedRead, name: string): Facts<PoolFact> {
  const walk = look((pools) => new MadeWalk(pools));
  const next = ({ byName }: Pools) => resourcesFact(walk.next(byName.get(name)?.resources ?? []));
  const sum = yield* longSum(look, name);
  const first = look((pools): PoolFact[] | typeof PAUSE => {
    const pool = pools.byName.get(name);
    return pool && [poolFact(pool, sum ?? sumOf(pool.resources)), next(pools)];
  });
  if (first === undefined) return; // it has gone meanwhile
  yield* first;
  while (!walk.isOver) {
    yield PAUSE;
    yield look(next);
  }
  yield ["end"];
}

/** What all resources of a pool have, when that is too long for one look. */
function* longSum(look: PagedRead, name: string): Generator<typeof PAUSE, number | undefined> {
  const resourcesIn = ({ byName }: Pools) => byName.get(name)?.resources ?? [];
  if (look((pools) => resourcesIn(pools).length <= LISTING_BATCH_MAX)) return undefined;
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

function resourcesFact(resources: readonly Resource[]): PoolFact {
  const budgets = resources.flatMap(({ budget }) => numbersOf(budget));
  return ["resources", resources.map(({ name }) => name), budgets];
}

function numbersOf({ given, ratio, have, counted, offset }: Budget): BudgetNumbers {
  return [given, ratio, have, counted, offset];
}

/** A resource of one pool; what stands behind its consumers is of the moment of the first ones. */
export function* resourceFacts(look: PagedRead, pool: string, name: string): Facts<ResourceFact> {
  const walk = new SessionWalk(pool, name);
  const next = (pools: Pools, moment: ReadTime) => consumersFact(walk.next(pools), moment);
  const first = look((pools, moment): readonly ResourceFact[] => {
    const its = pools.byName.get(pool);
    if (its === undefined) return []; // it has gone meanwhile
    const resource = its.byName.get(name);
    if (resource === undefined) return [["none", pool]];
    const { frozen, locked, budget } = resource;
    const end = ["end", Number(frozen), Number(locked), numbersOf(budget)] as const;
    return [["pool", pool], next(pools, moment), end];
  });
  const end = first[2];
  if (end === undefined) return yield* first;
  yield* first.slice(0, -1);
  while (!walk.isOver) {
    yield PAUSE;
    yield look(next);
  }
  yield end;
}

function consumersFact(sessions: readonly PoolSession[], { nowMs, clock }: ReadTime): ResourceFact {
  return [
    "consumers",
    sessions.map(({ consumer }) => consumer),
    sessions.map(({ contactMs }) => clock.unixSeconds(contactMs)),
    sessions.map(({ contactMs }) => secondsFrom(contactMs, nowMs)),
  ];
}

function secondsFrom(fromMs: number, toMs: number): number {
  return Math.floor((toMs - fromMs) / 1000);
}

/**
 * A consumer in each of some pools; nothing if it is in none of them. So there is nothing to say
 * before the first is found: those before it are counted, and told then.
 */
export function* consumerFacts(
  look: PagedRead,
  pools: Iterable<string>,
  name: string,
): Facts<ConsumerFact> {
  let [passed, isFound] = [0, false];
  for (const some of chunks(pools)) {
    const facts = look(({ byName }, moment) =>
      some.flatMap((pool) => {
        const its = byName.get(pool); // or it has gone meanwhile
        return its === undefined ? [] : [consumerFact(its, name, moment)];
      })
    );
    if (isFound || facts.some(([is]) => is === "pool")) {
      if (!isFound) { for (const names of chunks(firstOf(passed, pools))) yield ["none", names]; }
      isFound = true;
      yield* facts;
    } else {
      passed += some.length;
      yield PAUSE;
    }
  }
  return isFound ? undefined : refuse("no consumer", name);
}

function consumerFact(pool: Pool, name: string, { nowMs, clock }: ReadTime): ConsumerFact {
  const session = pool.sessions.get(name);
  if (session === undefined) return ["none", [pool.name]];
  const { resource, contactMs } = session;
  const ago = secondsFrom(contactMs, nowMs);
  return ["pool", pool.name, resource.name, clock.unixSeconds(contactMs), ago];
}

/** What kind each resource is of. */
export function* kindFacts(look: PagedRead): Facts<KindFact> {
  for (const some of chunks(yield* resourceNames(look))) {
    yield* look(({ resources, coupled }) => {
      const known = some.filter((name) => resources.get(name) !== undefined);
      return runsOf(known, (name) => coupled.has(name) ? "coupled" : "shared");
    });
    yield PAUSE;
  }
}

/** Members in their order, in runs that are alike. */
function runsOf<K, T>(members: readonly T[], kindOf: (member: T) => K): [K, T[]][] {
  const runs: [K, T[]][] = [];
  for (const member of members) {
    const kind = kindOf(member);
    const last = runs.at(-1);
    if (last !== undefined && last[0] === kind) last[1].push(member);
    else runs.push([kind, [member]]);
  }
  return runs;
}
