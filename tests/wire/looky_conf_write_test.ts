/**
 * Random files are changed to say what random pools are: read again they say it, and every comment,
 * blank line and unknown key is still there, in its order.
 */
import { SEEDS } from "../../lib/state/pools/model.ts";
import type { Outline, PoolOutline } from "../../lib/state/pools/outline.ts";
import { Conf } from "../../lib/wire/conf.ts";
import { readPools, writePools } from "../../lib/wire/looky_conf.ts";
import { writeMode } from "../../lib/wire/looky_values.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

type Random = () => number;

const POOLS = ["sales", "a", "a.b", "a.b.c", "10.0.0", "10.0.0.1", "#", "\xa0\xff", "__proto__"];
const RESOURCES = ["r", "r.s", "100.1.4", "100.1.4.130", "a.b", "b", "\x85", "constructor", "#"];
/** Names that keys are made of: what they mean may depend on which others are there. */
const CONFUSING_POOLS = ["p", "p.resource", "p.resource.r", "p.resource.list", "list", "resource"];
const CONFUSING_RESOURCES = ["resource", "list", "quantity", "r.resource", "r", "list.resource"];

const MODES = ["sticky", "queued", 1, 7, 2147483647] as const;
const LATENCIES_MS = [1000, 60_000, 3_600_000, 18_000_000, 2147483647000];
const QUANTITIES = [1, 2, 100, 100, 300, 2147483647];

interface Names {
  readonly pools: readonly string[];
  readonly resources: readonly string[];
}

function some<T>(random: Random, all: readonly T[], share: number): T[] {
  const chosen = all.filter(() => random() < share);
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [chosen[i], chosen[j]] = [chosen[j]!, chosen[i]!];
  }
  return chosen;
}

function somePool(random: Random, name: string, { resources }: Names): PoolOutline {
  const list = some(random, resources, random()).map((name) => ({
    name,
    quantity: pick(random, QUANTITIES),
  }));
  return {
    name,
    seed: pick(random, SEEDS),
    mode: pick(random, MODES),
    latencyMs: pick(random, LATENCIES_MS),
    resources: list,
  };
}

/** As a server could have it: of a coupled resource every pool has the same quantity. */
function levelled({ pools, coupled }: Outline): Outline {
  const common = new Map<string, number>();
  for (const { name, quantity } of pools.flatMap(({ resources }) => resources)) {
    if (coupled.includes(name) && !common.has(name)) common.set(name, quantity);
  }
  const level = (pool: PoolOutline): PoolOutline => ({
    ...pool,
    resources: pool.resources.map(({ name, quantity }) => ({
      name,
      quantity: common.get(name) ?? quantity,
    })),
  });
  return { pools: pools.map(level), coupled: coupled.toSorted() };
}

function someOutline(random: Random, names: Names): Outline {
  return levelled({
    pools: some(random, names.pools, random()).map((name) => somePool(random, name, names)),
    coupled: some(random, names.resources, 0.2),
  });
}

/** What some commands make of it. */
function mutated(random: Random, { pools, coupled }: Outline, names: Names): Outline {
  let list = [...pools];
  let pairs = [...coupled];
  for (let step = below(random, 5); step >= 0; step--) {
    const at = below(random, list.length);
    const pool = list[at];
    const rest = names.pools.filter((name) => !list.some((pool) => pool.name === name));
    const act = below(random, 7);
    if (act === 0 && rest.length > 0) list.push(somePool(random, pick(random, rest), names));
    else if (act === 1) list = list.filter((other) => other !== pool);
    else if (act === 2) {
      const name = pick(random, names.resources);
      pairs = pairs.includes(name) ? pairs.filter((other) => other !== name) : [...pairs, name];
    } else if (pool !== undefined) {
      const other = somePool(random, pool.name, names);
      if (act === 3) list[at] = { ...pool, resources: other.resources };
      else if (act === 4) list[at] = { ...pool, resources: pool.resources.slice(1) };
      else if (act === 5) list[at] = { ...other, resources: pool.resources };
      else {
        const quantity = pick(random, QUANTITIES);
        const resources = pool.resources.map((resource, i) =>
          i === 0 ? { ...resource, quantity } : resource
        );
        list[at] = { ...pool, resources };
      }
    }
  }
  return levelled({ pools: list, coupled: pairs });
}

/** Lines that stay whatever the pools become. */
const OTHERS = [
  "",
  " \t",
  "#",
  "# pool.list:none",
  "#pool.sales.seed-method:serial",
  "  # aside",
  "port:4040",
  "address : any",
  "allow: 10.1. , localhost",
  "log.file:/var/log/looky:old",
  "pool.nobody.resource.list:r,s",
  "pool.nobody.latency-time:never",
  "resource.r.color: \xff\xa0",
  "pool.size:7",
];

/** A file that says something of the outline, in any order, among lines that are about else. */
function someFile(random: Random, { pools, coupled }: Outline): string {
  const entries = [
    `pool.list:${pools.map(({ name }) => name).join(",")}`,
    `pool.seed-method:${pick(random, SEEDS)}`,
    `pool.distribute-mode:${writeMode(pick(random, MODES))}`,
    `pool.latency-time:${pick(random, ["5h", "10sec", "7min", "3600"])}`,
    `pool.quantity:${pick(random, QUANTITIES)}`,
    `resource.coupled.list:${coupled.join(" , ")}`,
    ...pools.flatMap(({ name, seed, mode, latencyMs, resources }) => [
      `pool.${name}.seed-method:${seed}`,
      `pool.${name}.distribute-mode : ${writeMode(mode)}`,
      `pool.${name}.latency-time:\t${latencyMs / 1000}sec`,
      `pool.${name}.resource.list:${resources.map(({ name }) => name).join(",")}`,
      `pool.${name}.resource.quantity:${pick(random, QUANTITIES)}`,
      ...resources.map((r) => `pool.${name}.resource.${r.name}.quantity:${r.quantity}`),
    ]),
  ];
  const chosen = some(random, entries, pick(random, [0.3, 0.7, 1]));
  const again = chosen.filter(() => random() < 0.1); // equal keys
  const others = Array.from({ length: below(random, 10) }, () => pick(random, OTHERS));
  const end = pick(random, ["\n", "\n", "\r\n"]);
  const lines = some(random, [...chosen, ...others], 1).concat(again);
  const mark = random() < 0.1 ? "\xef\xbb\xbf# marked\n" : "";
  const mayStop = lines.at(-1)?.startsWith("#") ?? true;
  return mark + lines.join(end) + (mayStop ? pick(random, ["", end]) : end);
}

/** The lines that are about else: all that neither `before` nor `after` understands. */
function otherLines(text: string): string[] {
  const all = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (all.at(-1) === "") all.pop();
  return all.filter((line) => OTHERS.includes(line) || line.endsWith("# marked"));
}

function assertWritten(text: string, wanted: Outline, message: string): string {
  const before = readPools(new Conf(text));
  const conf = new Conf(text);
  assertEquals(writePools(conf, wanted), undefined, message);
  const written = conf.toString();
  const after = readPools(new Conf(written));
  assertEquals(after.outline, wanted, message);
  assertEquals(after.defaults, before.defaults, message);
  assertEquals(otherLines(written), otherLines(text), message);
  return written;
}

Deno.test("any file can be made to say any pools, again and again, and keeps its other lines", () => {
  const names = { pools: POOLS, resources: RESOURCES };
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 400; round++) {
      let text = someFile(random, someOutline(random, names));
      let wanted = random() < 0.5
        ? someOutline(random, names)
        : mutated(random, readPools(new Conf(text)).outline, names);
      for (let save = 0; save < 4; save++) {
        const message = `seed ${seed}, round ${round}, save ${save}: ${JSON.stringify(text)}`;
        text = assertWritten(text, wanted, message);
        wanted = mutated(random, wanted, names);
      }
    }
  }
});

Deno.test("names that keys are made of are either refused or come back as they were", () => {
  const names = { pools: CONFUSING_POOLS, resources: CONFUSING_RESOURCES };
  const fates = { held: 0, refused: 0 };
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 1_000; round++) {
      const text = someFile(random, someOutline(random, names));
      const wanted = mutated(random, readPools(new Conf(text)).outline, names);
      const conf = new Conf(text);
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`;
      if (writePools(conf, wanted) === undefined) {
        assertEquals(readPools(new Conf(conf.toString())).outline, wanted, message);
        fates.held++;
      } else fates.refused++;
    }
  }
  assert(fates.held > fates.refused, JSON.stringify(fates));
});
