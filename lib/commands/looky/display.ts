/**
 * 2.4 Display data: list-pool list-resource print-pool print-resource print-consumer.
 * Contract: docs/protocol/looky.md.
 */
import type { Command, Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { isRefused, type Pool, type Pools, refuse, type Refused } from "../../state/pools/model.ts";
import { resourcesOf } from "../../state/pools/lookup.ts";
import { poolsOf } from "../../state/pools/lookup.ts";
import { writeLines, writeNative } from "../../wire/looky.ts";
import { isFailure, poolIn, writeFailure } from "./rule.ts";
import {
  consumerJson,
  consumerLines,
  type Entry,
  listJson,
  mapJson,
  mapLines,
  poolJson,
  poolLines,
  resourceJson,
  resourceLines,
} from "./shapes.ts";
import {
  type ConsumerView,
  type Moment,
  type PoolView,
  type ResourceView,
  viewConsumer,
  viewPool,
  viewResource,
} from "./views.ts";

/** How a display command works: one look, and two ways to word what was seen. */
interface Display<V> {
  look(pools: Pools, words: readonly string[], moment: Moment): V | Refused;
  lines(seen: V, words: readonly string[]): Iterable<string>;
  json(seen: V): Iterable<string>;
}

function displayRow<V>(usage: string, summary: string, { look, lines, json }: Display<V>): Command {
  return {
    usage,
    summary,
    native: true,
    run({ words, native }, context): Outcome<Reply> {
      const { clock } = context.program;
      const seen = context.engine.read(
        "pools",
        ({ pools }, { nowMs }) => look(pools, words, { nowMs, clock }),
      );
      return after(seen, (value) => {
        if (isFailure(value)) return writeFailure(value);
        return native ? writeNative(() => json(value)) : writeLines(lines(value, words));
      });
    },
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** What `view` finds in the pool that is named, or in each; refused when that is nothing at all. */
function lookInto<V>(
  pools: Pools,
  poolName: string | undefined,
  view: (pool: Pool) => V | undefined,
  nothing: Refused,
): Entry<V>[] | Refused {
  const found = poolsOf(pools, poolName);
  if (isRefused(found)) return found;
  const entries = found.toSorted(byName).map((pool): Entry<V> => [pool.name, view(pool) ?? null]);
  return entries.some(([, view]) => view !== null) ? entries : nothing;
}

/** A display of what each of some pools has to show. */
function perPool<V>(
  look: Display<readonly Entry<V>[]>["look"],
  lines: (entry: Entry<V>, name: string) => Iterable<string>,
  json: (view: V) => Iterable<string>,
  key: string,
): Display<readonly Entry<V>[]> {
  return {
    look,
    *lines(entries, words): Iterable<string> {
      for (const entry of entries) yield* lines(entry, words.at(-1) ?? "");
    },
    json: (entries) =>
      mapJson(key, entries.map(([pool, view]) => [pool, view === null ? ["null"] : json(view)])),
  };
}

const listPool: Display<readonly string[]> = {
  look: ({ list }) => list.map(({ name }) => name).sort(),
  lines: (names) => [["pool-list = [", names.join(", "), "]"].filter(Boolean).join(" ")],
  json: function* (names): Iterable<string> {
    yield '{"pool-list":';
    yield* listJson(names, (name) => name);
    yield "}";
  },
};

const listResource: Display<readonly (readonly [name: string, kind: string])[]> = {
  look: ({ resources, coupled }) =>
    [...resources].map(([name]) => name).sort().map((
      name,
    ) => [name, coupled.has(name) ? "coupled" : "shared"]),
  lines: (kinds) => mapLines("resource-list", kinds),
  json: (kinds) => mapJson("resource-list", kinds.map(([name, kind]) => [name, [`"${kind}"`]])),
};

const printPool = perPool<PoolView>(
  (pools, [name]) => {
    const found = poolsOf(pools, name);
    if (isRefused(found)) return found;
    return found.toSorted(byName).map((pool): Entry<PoolView> => [pool.name, viewPool(pool)]);
  },
  ([pool, view]) => poolLines(pool, view!),
  poolJson,
  "pool",
);

const printResource = perPool<ResourceView>(
  (pools, words, moment) => {
    const name = words.at(-1)!;
    const found = resourcesOf(pools, name, poolIn(words, 1));
    if (isRefused(found)) return found;
    return lookInto(pools, poolIn(words, 1), ({ byName }) => {
      const resource = byName.get(name);
      return resource && viewResource(resource, moment);
    }, refuse("no resource", name));
  },
  (entry, name) => resourceLines(name, entry),
  resourceJson,
  "resource",
);

const printConsumer = perPool<ConsumerView>(
  (pools, words, moment) => {
    const name = words.at(-1)!;
    return lookInto(pools, poolIn(words, 1), ({ sessions }) => {
      const session = sessions.get(name);
      return session && viewConsumer(session, moment);
    }, refuse("no consumer", name));
  },
  (entry, name) => consumerLines(name, entry),
  consumerJson,
  "consumer",
);

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
