/**
 * 2.4 Display data: list-pool list-resource print-pool print-resource print-consumer.
 * Contract: docs/protocol/looky.md.
 *
 * A reply in lines is formatted while its rows are read, and other sessions are served in between.
 * A native reply is formatted when all rows have been read.
 */
import { ColumnStore, type ColumnTypes, type StoredRow } from "../../collections/column_store.ts";
import type { Command } from "../../dispatch/command.ts";
import { poolsOf, resourcesOf } from "../../state/pools/lookup.ts";
import { isRefusal, type PoolRefusal, refuse } from "../../state/pools/model.ts";
import { writeLines, writeLongLine, writeNative } from "../../wire/looky.ts";
import {
  type ConsumerRow,
  consumerRows,
  type KindRow,
  kindRows,
  type ListingRows,
  type PoolRow,
  poolRows,
  type ResourceRow,
  resourceRows,
} from "./listing_rows.ts";
import { consumerJson, kindJson, listJson, poolJson, resourceJson } from "./json.ts";
import { type PagedRead, pagedReader, PAUSE, poolNames, poolNamesFor } from "./paged_read.ts";
import { optionalPool, writeFailure } from "./define.ts";
import { consumerLines, kindLines, listPieces, poolLines, resourceLines } from "./text_format.ts";

type Words = readonly string[];

/** Returns the reply to a display command, in parts. */
type Display = (read: PagedRead, words: Words, native: boolean) => Iterable<string>;

function displayCommand(usage: string, summary: string, display: Display): Command {
  return {
    usage,
    summary,
    native: true,
    run: ({ words, native }, context) => display(pagedReader(context), words, native),
  };
}

/** The rows of a display, and the two formats for them. */
interface RowFormats<R extends StoredRow> {
  rows(read: PagedRead, words: Words): ListingRows<R>;
  lines(rows: Iterable<R | typeof PAUSE>, name: string): Iterable<string>;
  json(rows: Iterable<R>): Iterable<string>;
  readonly columns: ColumnTypes;
}

function rowDisplay<R extends StoredRow>({ rows, lines, json, columns }: RowFormats<R>): Display {
  return function* (read, words, native): Iterable<string> {
    const found = yield* firstRow(rows(read, words));
    if (isRefusal(found)) return yield writeFailure(found);
    if (!native) return yield* writeLines(lines(found, words.at(-1) ?? ""));
    const store = new ColumnStore<R>(columns);
    for (const row of found) {
      if (row !== PAUSE) store.add(row);
      yield "";
    }
    yield* writeNative(() => json(store));
  };
}

/** Reads until the first row or refusal, because the first line of the reply depends on it. */
function* firstRow<R>(
  rows: ListingRows<R>,
): Generator<"", Iterable<R | typeof PAUSE> | PoolRefusal> {
  for (let next = rows.next();; next = rows.next()) {
    if (next.done) return next.value ?? [];
    if (next.value !== PAUSE) return prepend(next.value, rows);
    yield "";
  }
}

function* prepend<R>(first: R, rows: Iterable<R>): Iterable<R> {
  yield first;
  yield* rows;
}

function* listPool(read: PagedRead, _: Words, native: boolean): Iterable<string> {
  const reading = poolNames(read);
  let next = reading.next();
  for (; !next.done; next = reading.next()) yield "";
  const names = next.value;
  if (native) yield* writeNative(() => listJson("pool-list", names));
  else yield* writeLongLine(listPieces("pool-list", names));
}

const listResource = rowDisplay<KindRow>({
  rows: kindRows,
  lines: kindLines,
  json: kindJson,
  columns: { shared: "T", coupled: "T" },
});

const printPool = rowDisplay<PoolRow>({
  *rows(read, [name]): ListingRows<PoolRow> {
    const isKnown = read(({ byName }) => name === undefined || byName.get(name) !== undefined);
    if (!isKnown) return refuse("no pool", name);
    for (const pool of yield* poolNamesFor(read, name)) yield* poolRows(read, pool);
    return undefined;
  },
  lines: poolLines,
  json: poolJson,
  columns: { pool: "tttnnnn", resources: "TN", end: "" },
});

const printResource = rowDisplay<ResourceRow>({
  *rows(read, words): ListingRows<ResourceRow> {
    const [name, poolName] = [words.at(-1)!, optionalPool(words, 1)];
    const found = read((pools) => resourcesOf(pools, name, poolName));
    if (isRefusal(found)) return found;
    for (const pool of yield* poolNamesFor(read, poolName)) yield* resourceRows(read, pool, name);
    return undefined;
  },
  lines: resourceLines,
  json: resourceJson,
  columns: { none: "t", pool: "t", consumers: "TN", end: "nnN" },
});

const printConsumer = rowDisplay<ConsumerRow>({
  *rows(read, words): ListingRows<ConsumerRow> {
    const [name, poolName] = [words.at(-1)!, optionalPool(words, 1)];
    const found = read((pools) => poolsOf(pools, poolName));
    if (isRefusal(found)) return found;
    return yield* consumerRows(read, yield* poolNamesFor(read, poolName), name);
  },
  lines: consumerLines,
  json: consumerJson,
  columns: { none: "T", pool: "ttn" },
});

export const display: readonly Command[] = [
  displayCommand("list-pool", "List the names of all pools.", listPool),
  displayCommand(
    "list-resource",
    "List all resources, and whether they are coupled.",
    listResource,
  ),
  displayCommand("print-pool [pool]", "Show one pool or all.", printPool),
  displayCommand(
    "print-resource [pool] <resource>",
    "Show a resource in one pool or in all.",
    printResource,
  ),
  displayCommand(
    "print-consumer [pool] <consumer>",
    "Show a consumer in one pool or in all.",
    printConsumer,
  ),
];
