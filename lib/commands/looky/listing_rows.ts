/**
 * Reads the rows of `print-*` and `list-resource` in short steps, so that other sessions are served
 * in between. `text_format.ts` and `json.ts` format the rows. A row is a snapshot;
 * docs/protocol/looky.md describes the state that a whole listing shows, under "Long listings".
 *
 * A row contains up to `LISTING_BATCH_MAX` entries, in columns. With one array per entry, the
 * runtime may treat millions of short-lived arrays as long-lived, and collect them much too late.
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

/** Yields rows as they are read, or returns a refusal instead. */
export type ListingRows<R> = Generator<R | typeof PAUSE, PoolRefusal | void>;

type Texts = readonly string[];
type Numbers = readonly number[];

/** given, ratio, have, counted and offset of one resource, or of several one after another. */
export type BudgetNumbers = Numbers;
/** How many numbers describe one budget. */
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

/** The last contact of a consumer was at `seconds` since 1970, which is `ago` seconds ago. */
export type ResourceRow =
  | readonly [kind: "none", pool: string]
  | readonly [kind: "pool", pool: string]
  | readonly [kind: "consumers", names: Texts, seconds: Numbers, ago: Numbers]
  | readonly [kind: "end", frozen: number, locked: number, budget: BudgetNumbers];

/** Pools without the consumer, or a pool with the consumer and the resource assigned there. */
export type ConsumerRow =
  | readonly [kind: "none", pools: Texts]
  | readonly [kind: "pool", pool: string, resource: string, seconds: number, ago: number];

export type KindRow = readonly [kind: "shared" | "coupled", names: Texts];

/** Reads a pool with its resources; in one step if there are at most `LISTING_BATCH_MAX`. */
export function* poolRows(read: PagedRead, name: string): ListingRows<PoolRow> {
  const cursor = read((pools) => new CreationCursor(pools));
  const next = ({ byName }: Pools) => resourcesRow(cursor.next(byName.get(name)?.resources ?? []));
  const longSum = yield* sumOfLongPool(read, name);
  const firstRows = read((pools): PoolRow[] | typeof PAUSE => {
    const pool = pools.byName.get(name);
    return pool && [poolHeadRow(pool, longSum ?? sumOf(pool.resources)), next(pools)];
  });
  if (firstRows === undefined) return; // the pool was dropped meanwhile
  yield* firstRows;
  while (!cursor.isDone) {
    yield PAUSE;
    yield read(next);
  }
  yield ["end"];
}

/** Returns the sum of a long pool's effective quantities; undefined if one read can sum them. */
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

/** Reads a resource of one pool; the "end" row is read together with the first consumers. */
export function* resourceRows(
  read: PagedRead,
  poolName: string,
  name: string,
): ListingRows<ResourceRow> {
  const cursor = new SessionCursor(poolName, name);
  const next = (pools: Pools, time: ReadTime) => consumersRow(cursor.next(pools), time);
  const firstRows = read((pools, time): readonly ResourceRow[] => {
    const pool = pools.byName.get(poolName);
    if (pool === undefined) return []; // the pool was dropped meanwhile
    const resource = pool.byName.get(name);
    if (resource === undefined) return [["none", poolName]];
    const { frozen, locked, budget } = resource;
    const endRow = ["end", Number(frozen), Number(locked), numbersOf(budget)] as const;
    return [["pool", poolName], next(pools, time), endRow];
  });
  const endRow = firstRows[2];
  if (endRow === undefined) return yield* firstRows;
  yield* firstRows.slice(0, -1);
  while (!cursor.isDone) {
    yield PAUSE;
    yield read(next);
  }
  yield endRow;
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
 * Reads a consumer in each of the given pools; returns a refusal if no pool has it. Until the first
 * pool with the consumer is found, pools are only counted. Their rows are yielded when it is found.
 */
export function* consumerRows(
  read: PagedRead,
  poolNames: Iterable<string>,
  name: string,
): ListingRows<ConsumerRow> {
  let [countedPools, isFound] = [0, false];
  for (const batch of chunks(poolNames)) {
    const rows = read(({ byName }, time) =>
      batch.flatMap((poolName) => {
        const pool = byName.get(poolName);
        return pool === undefined ? [] : [consumerRow(pool, name, time)]; // undefined if dropped
      })
    );
    if (isFound || rows.some(([kind]) => kind === "pool")) {
      if (!isFound) {
        for (const names of chunks(take(countedPools, poolNames))) yield ["none", names];
      }
      isFound = true;
      yield* rows;
    } else {
      countedPools += batch.length;
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

/** Reads which resources are shared and which are coupled, in the order of their names. */
export function* kindRows(read: PagedRead): ListingRows<KindRow> {
  for (const batch of chunks(yield* resourceNames(read))) {
    yield* read(({ resources, coupled }) => {
      const existing = batch.filter((name) => resources.get(name) !== undefined);
      return runsOf(existing, (name) => coupled.has(name) ? "coupled" : "shared");
    });
    yield PAUSE;
  }
}

/** Splits the members, in their order, into runs of the same kind. */
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
