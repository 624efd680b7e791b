/**
 * 2.4 Display data: list-pool list-resource print-pool print-resource print-consumer.
 * Contract: docs/protocol/looky.md.
 *
 * A reply is worded while the facts are found out, and others are served meanwhile; a native one
 * when all are known.
 */
import type { Command } from "../../dispatch/command.ts";
import { poolsOf, resourcesOf } from "../../state/pools/lookup.ts";
import { isRefused, refuse, type Refused } from "../../state/pools/model.ts";
import { writeLines, writeLongLine, writeNative } from "../../wire/looky.ts";
import {
  type ConsumerFact,
  consumerFacts,
  type Facts,
  type KindFact,
  kindFacts,
  type PoolFact,
  poolFacts,
  type ResourceFact,
  resourceFacts,
} from "./listing_rows.ts";
import { consumerJson, kindJson, listJson, poolJson, resourceJson } from "./json.ts";
import { Columns, type Fact, type Keeping } from "./columns.ts";
import { looker, type PagedRead, PAUSE, poolNames, poolsFor } from "./paged_read.ts";
import { poolIn, writeFailure } from "./define.ts";
import { consumerLines, kindLines, listPieces, poolLines, resourceLines } from "./text_format.ts";

type Words = readonly string[];

/** The reply to a display command, in pieces. */
type Display = (look: PagedRead, words: Words, native: boolean) => Iterable<string>;

function displayRow(usage: string, summary: string, display: Display): Command {
  return {
    usage,
    summary,
    native: true,
    run: ({ words, native }, context) => display(looker(context), words, native),
  };
}

/** How most displays work: what there is to find out, and two ways to word it. */
interface Finding<F extends Fact> {
  facts(look: PagedRead, words: Words): Facts<F>;
  lines(facts: Iterable<F | typeof PAUSE>, name: string): Iterable<string>;
  json(facts: Iterable<F>): Iterable<string>;
  readonly keeping: Keeping;
}

function told<F extends Fact>({ facts, lines, json, keeping }: Finding<F>): Display {
  return function* (look, words, native): Iterable<string> {
    const found = yield* begin(facts(look, words));
    if (isRefused(found)) return yield writeFailure(found);
    if (!native) return yield* writeLines(lines(found, words.at(-1) ?? ""));
    const kept = new Columns<F>(keeping);
    for (const fact of found) {
      if (fact !== PAUSE) kept.add(fact);
      yield "";
    }
    yield* writeNative(() => json(kept));
  };
}

/** Facts of which one is known, or why there is none: what a reply begins with depends on it. */
function* begin<F>(facts: Facts<F>): Generator<"", Iterable<F | typeof PAUSE> | Refused> {
  for (let next = facts.next();; next = facts.next()) {
    if (next.done) return next.value ?? [];
    if (next.value !== PAUSE) return following(next.value, facts);
    yield "";
  }
}

function* following<F>(first: F, facts: Iterable<F>): Iterable<F> {
  yield first;
  yield* facts;
}

function* listPool(look: PagedRead, _: Words, native: boolean): Iterable<string> {
  const gathering = poolNames(look);
  let next = gathering.next();
  for (; !next.done; next = gathering.next()) yield "";
  const names = next.value;
  if (native) yield* writeNative(() => listJson("pool-list", names));
  else yield* writeLongLine(listPieces("pool-list", names));
}

const listResource = told<KindFact>({
  facts: kindFacts,
  lines: kindLines,
  json: kindJson,
  keeping: { shared: "T", coupled: "T" },
});

const printPool = told<PoolFact>({
  *facts(look, [name]): Facts<PoolFact> {
    const isThere = look(({ byName }) => name === undefined || byName.get(name) !== undefined);
    if (!isThere) return refuse("no pool", name);
    for (const pool of yield* poolsFor(look, name)) yield* poolFacts(look, pool);
    return undefined;
  },
  lines: poolLines,
  json: poolJson,
  keeping: { pool: "tttnnnn", resources: "TN", end: "" },
});

const printResource = told<ResourceFact>({
  *facts(look, words): Facts<ResourceFact> {
    const [name, poolName] = [words.at(-1)!, poolIn(words, 1)];
    const found = look((pools) => resourcesOf(pools, name, poolName));
    if (isRefused(found)) return found;
    for (const pool of yield* poolsFor(look, poolName)) yield* resourceFacts(look, pool, name);
    return undefined;
  },
  lines: resourceLines,
  json: resourceJson,
  keeping: { none: "t", pool: "t", consumers: "TN", end: "nnN" },
});

const printConsumer = told<ConsumerFact>({
  *facts(look, words): Facts<ConsumerFact> {
    const [name, poolName] = [words.at(-1)!, poolIn(words, 1)];
    const found = look((pools) => poolsOf(pools, poolName));
    if (isRefused(found)) return found;
    return yield* consumerFacts(look, yield* poolsFor(look, poolName), name);
  },
  lines: consumerLines,
  json: consumerJson,
  keeping: { none: "T", pool: "ttn" },
});

export const display: readonly Command[] = [
  displayRow("list-pool", "List the names of all pools.", listPool),
  displayRow("list-resource", "List all resources, shared or coupled.", listResource),
  displayRow("print-pool [pool]", "Show one pool or all.", printPool),
  displayRow(
    "print-resource [pool] <resource>",
    "Show a resource in one pool or in all.",
    printResource,
  ),
  displayRow(
    "print-consumer [pool] <consumer>",
    "Show a consumer in one pool or in all.",
    printConsumer,
  ),
];
