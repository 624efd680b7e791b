/**
 * The rows of `print-*` and `list-resource`, read in short steps, so that other sessions are served
 * between them. `text_format.ts` and `json.ts` format them. A row is a snapshot; what a long
 * listing is, docs/protocol/looky.md says under "Long listings".
 *
 * Of many entries, one row contains some hundred, in columns. With millions of short-lived small
 * arrays, the runtime may treat them as long-lived, and collects them much too late.
 */
import { LISTING_BATCH_MAX } from "../../limits.ts";
import { CreationCursor, SessionCursor } from "../../state/pools/listing.ts";
import {
  type Budget,
  type Pool,
  type PoolRefusal,
  type Pools,
  type PoolSession,
  refuse,
  type Resource,
} from "../../state/pools/model.ts";
import { writeMode } from "../../wire/looky_values.ts";
import { chunks, type PagedRead, PAUSE, type ReadTime, resourceNames, take } from "./paged_read.ts";

/** Rows as they are read; or a refusal instead of rows. */
export type ListingRows<R> = Generator<R | typeof PAUSE, PoolRefusal | void>;

type Texts = readonly string[];
type Numbers = readonly number[];

/** given, ratio, have, counted, offset; those of several resources follow each other. */
export type BudgetNumbers = Numbers;
/** The count of numbers for one budget. */
export const BUDGET_NUMBERS = 5;

export type PoolHeadRow = readonly [
  kind: "pool",
  name: string,
  mode: string,
  seed: string,
  latencyMs: number,
  maxSize: number,
  isAuto: number,
  current: number,
  resources: number,
];
export type PoolRow =
  | PoolHeadRow
  | readonly [kind: "resources", names: Texts, budgets: BudgetNumbers]
  | readonly [kind: "end"];

/** Last contacts are in seconds since 1970, and in seconds ago. */
export type ResourceRow =
  | readonly [kind: "none", pool: string]
  | readonly [kind: "pool", pool: string]
  | readonly [kind: "consumers", names: Texts, seconds: Numbers, ago: Numbers]
  | readonly [kind: "end", frozen: number, locked: number, budget: BudgetNumbers];

/** Pools without the consumer, or a pool with it and the resource assigned to it there. */
export type ConsumerRow =
  | readonly [kind: "none", pools: Texts]
  | readonly [kind: "pool", pool: string, resource: string, seconds: number, ago: number];

export type KindRow = readonly [kind: "shared" | "coupled", names: Texts];

/** Reads a pool with its resources; a pool of at most `LISTING_BATCH_MAX` resources at one time. */
export function* poolRows(read: PagedRead, name: string): ListingRows<PoolRow> {
  const cursor = read((pools) => new CreationCursor(pools));
  const next = ({ byName }: Pools) => resourcesRow(cursor.next(byName.get(name)?.resources ?? []));
  const longSum = yield* sumOfLongPool(read, name);
  const first = read((pools): PoolRow[] | typeof PAUSE => {
    const pool = pools.byName.get(name);
    return pool && [poolHeadRow(pool, longSum ?? sumOf(pool.resources)), next(pools)];
  });
  if (first === undefined) return; // dropped meanwhile
  yield* first;
  while (!cursor.isDone) {
    yield PAUSE;
    yield read(next);
  }
  yield ["end"];
}

/** Returns the effective quantities of a pool in total, if one short read cannot sum them up. */
function* sumOfLongPool(
  read: PagedRead,
  name: string,
): Generator<typeof PAUSE, number | undefined> {
  const resourcesOf = ({ byName }: Pools) => byName.get(name)?.resources ?? [];
  if (read((pools) => resourcesOf(pools).length <= LISTING_BATCH_MAX)) return undefined;
  const cursor = read((pools) => new CreationCursor(pools));
  let sum = 0;
  for (; !cursor.isDone; yield PAUSE) {
    sum += read((pools) => sumOf(cursor.next(resourcesOf(pools))));
  }
  return sum;
}

function sumOf(resources: readonly Resource[]): number {
  return resources.reduce((sum, { budget }) => sum + budget.have, 0);
}

function poolHeadRow(
  { name, mode, seed, latencyMs, current, resources }: Pool,
  sum: number,
): PoolHeadRow {
  const isAuto = typeof mode !== "number";
  const numbers = [latencyMs, isAuto ? sum : mode, Number(isAuto), Math.max(0, current)] as const;
  return ["pool", name, writeMode(mode), seed, ...numbers, resources.length];
}

function resourcesRow(resources: readonly Resource[]): PoolRow {
  const budgets = resources.flatMap(({ budget }) => numbersOf(budget));
  return ["resources", resources.map(({ name }) => name), budgets];
}

function numbersOf({ given, ratio, have, counted, offset }: Budget): BudgetNumbers {
  return [given, ratio, have, counted, offset];
}

/** Reads a resource of one pool; the "end" row is of the same time as the first consumers. */
export function* resourceRows(
  read: PagedRead,
  poolName: string,
  name: string,
): ListingRows<ResourceRow> {
  const cursor = new SessionCursor(poolName, name);
  const next = (pools: Pools, time: ReadTime) => consumersRow(cursor.next(pools), time);
  const first = read((pools, time): readonly ResourceRow[] => {
    const pool = pools.byName.get(poolName);
    if (pool === undefined) return []; // dropped meanwhile
    const resource = pool.byName.get(name);
    if (resource === undefined) return [["none", poolName]];
    const { frozen, locked, budget } = resource;
    const end = ["end", Number(frozen), Number(locked), numbersOf(budget)] as const;
    return [["pool", poolName], next(pools, time), end];
  });
  const end = first[2];
  if (end === undefined) return yield* first;
  yield* first.slice(0, -1);
  while (!cursor.isDone) {
    yield PAUSE;
    yield read(next);
  }
  yield end;
}

function consumersRow(sessions: readonly PoolSession[], { nowMs, clock }: ReadTime): ResourceRow {
  return [
    "consumers",
    sessions.map(({ consumer }) => consumer),
    sessions.map(({ contactMs }) => clock.unixSeconds(contactMs)),
    sessions.map(({ contactMs }) => secondsBetween(contactMs, nowMs)),
  ];
}

function secondsBetween(fromMs: number, toMs: number): number {
  return Math.floor((toMs - fromMs) / 1000);
}

/**
 * Reads a consumer in each of some pools; a refusal if it is in none of them. Before it is found,
 * the pools without it are only counted; their rows follow then.
 */
export function* consumerRows(
  read: PagedRead,
  poolNames: Iterable<string>,
  name: string,
): ListingRows<ConsumerRow> {
  let [passed, isFound] = [0, false];
  for (const some of chunks(poolNames)) {
    const rows = read(({ byName }, time) =>
      some.flatMap((poolName) => {
        const pool = byName.get(poolName);
        return pool === undefined ? [] : [consumerRow(pool, name, time)]; // dropped meanwhile
      })
    );
    if (isFound || rows.some(([kind]) => kind === "pool")) {
      if (!isFound) { for (const names of chunks(take(passed, poolNames))) yield ["none", names]; }
      isFound = true;
      yield* rows;
    } else {
      passed += some.length;
      yield PAUSE;
    }
  }
  return isFound ? undefined : refuse("no consumer", name);
}

function consumerRow(pool: Pool, name: string, { nowMs, clock }: ReadTime): ConsumerRow {
  const session = pool.sessions.get(name);
  if (session === undefined) return ["none", [pool.name]];
  const { resource, contactMs } = session;
  const ago = secondsBetween(contactMs, nowMs);
  return ["pool", pool.name, resource.name, clock.unixSeconds(contactMs), ago];
}

/** Reads which resources are shared and which are coupled, by name. */
export function* kindRows(read: PagedRead): ListingRows<KindRow> {
  for (const some of chunks(yield* resourceNames(read))) {
    yield* read(({ resources, coupled }) => {
      const existing = some.filter((name) => resources.get(name) !== undefined);
      return runsOf(existing, (name) => coupled.has(name) ? "coupled" : "shared");
    });
    yield PAUSE;
  }
}

/** Returns the members in their order, as runs of the same kind. */
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
