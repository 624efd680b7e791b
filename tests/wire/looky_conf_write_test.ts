/**
 * Changes random files to random configurations: a changed file reads as the configuration, and
 * keeps every comment, blank line and unknown key in order.
 */
import { SEEDS } from "../../lib/state/pools/model.ts";
import type { PoolConfiguration, PoolsConfiguration } from "../../lib/state/pools/configuration.ts";
import { Conf } from "../../lib/wire/conf.ts";
import { readPools, writePools } from "../../lib/wire/looky_conf.ts";
import { writeMode } from "../../lib/wire/looky_values.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

type Random = () => number;

const POOLS = ["sales", "a", "a.b", "a.b.c", "10.0.0", "10.0.0.1", "#", "\xa0\xff", "__proto__"];
const RESOURCES = ["r", "r.s", "100.1.4", "100.1.4.130", "a.b", "b", "\x85", "constructor", "#"];
/** Names that are parts of keys: the meaning of a key can depend on which other names exist. */
const CONFUSING_POOLS = ["p", "p.resource", "p.resource.r", "p.resource.list", "list", "resource"];
const CONFUSING_RESOURCES = ["resource", "list", "quantity", "r.resource", "r", "list.resource"];

const MODES = ["sticky", "queued", 1, 7, 2147483647] as const;
const LATENCIES_MS = [1000, 60_000, 3_600_000, 18_000_000, 2147483647000];
const QUANTITIES = [1, 2, 100, 100, 300, 2147483647];

interface Names {
  readonly pools: readonly string[];
  readonly resources: readonly string[];
}

function randomSubset<T>(random: Random, all: readonly T[], share: number): T[] {
  const chosen = all.filter(() => random() < share);
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [chosen[i], chosen[j]] = [chosen[j]!, chosen[i]!];
  }
  return chosen;
}

function randomPool(random: Random, name: string, { resources }: Names): PoolConfiguration {
  const list = randomSubset(random, resources, random()).map((name) => ({
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

/** Gives a coupled resource the same quantity in every pool, as in a server. */
function levelled({ pools, coupled }: PoolsConfiguration): PoolsConfiguration {
  const common = new Map<string, number>();
  for (const { name, quantity } of pools.flatMap(({ resources }) => resources)) {
    if (coupled.includes(name) && !common.has(name)) common.set(name, quantity);
  }
  const level = (pool: PoolConfiguration): PoolConfiguration => ({
    ...pool,
    resources: pool.resources.map(({ name, quantity }) => ({
      name,
      quantity: common.get(name) ?? quantity,
    })),
  });
  return { pools: pools.map(level), coupled: coupled.toSorted() };
}

function randomConfiguration(random: Random, names: Names): PoolsConfiguration {
  return levelled({
    pools: randomSubset(random, names.pools, random()).map((name) =>
      randomPool(random, name, names)
    ),
    coupled: randomSubset(random, names.resources, 0.2),
  });
}

/** Returns the configuration after some random commands. */
function mutated(
  random: Random,
  { pools, coupled }: PoolsConfiguration,
  names: Names,
): PoolsConfiguration {
  let list = [...pools];
  let coupledNames = [...coupled];
  for (let step = below(random, 5); step >= 0; step--) {
    const at = below(random, list.length);
    const pool = list[at];
    const unused = names.pools.filter((name) => !list.some((pool) => pool.name === name));
    const action = below(random, 7);
    if (action === 0 && unused.length > 0) {
      list.push(randomPool(random, pick(random, unused), names));
    } else if (action === 1) list = list.filter((other) => other !== pool);
    else if (action === 2) {
      const name = pick(random, names.resources);
      coupledNames = coupledNames.includes(name)
        ? coupledNames.filter((other) => other !== name)
        : [...coupledNames, name];
    } else if (pool !== undefined) {
      const other = randomPool(random, pool.name, names);
      if (action === 3) list[at] = { ...pool, resources: other.resources };
      else if (action === 4) list[at] = { ...pool, resources: pool.resources.slice(1) };
      else if (action === 5) list[at] = { ...other, resources: pool.resources };
      else {
        const quantity = pick(random, QUANTITIES);
        const resources = pool.resources.map((resource, i) =>
          i === 0 ? { ...resource, quantity } : resource
        );
        list[at] = { ...pool, resources };
      }
    }
  }
  return levelled({ pools: list, coupled: coupledNames });
}

/** Lines that must not change. */
const OTHER_LINES = [
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

/** Returns a file with some keys of the configuration, in any order, among other lines. */
function randomFile(random: Random, { pools, coupled }: PoolsConfiguration): string {
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
  const chosen = randomSubset(random, entries, pick(random, [0.3, 0.7, 1]));
  const repeated = chosen.filter(() => random() < 0.1); // duplicate keys
  const others = Array.from({ length: below(random, 10) }, () => pick(random, OTHER_LINES));
  const end = pick(random, ["\n", "\n", "\r\n"]);
  const lines = randomSubset(random, [...chosen, ...others], 1).concat(repeated);
  const mark = random() < 0.1 ? "\xef\xbb\xbf# marked\n" : "";
  const mayBeUnterminated = lines.at(-1)?.startsWith("#") ?? true;
  return mark + lines.join(end) + (mayBeUnterminated ? pick(random, ["", end]) : end);
}

/** Returns the lines that must not change. */
function otherLines(text: string): string[] {
  const all = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (all.at(-1) === "") all.pop();
  return all.filter((line) => OTHER_LINES.includes(line) || line.endsWith("# marked"));
}

function assertWritten(text: string, wanted: PoolsConfiguration, message: string): string {
  const before = readPools(new Conf(text));
  const conf = new Conf(text);
  assertEquals(writePools(conf, wanted), undefined, message);
  const written = conf.toString();
  const after = readPools(new Conf(written));
  assertEquals(after.configuration, wanted, message);
  assertEquals(after.defaults, before.defaults, message);
  assertEquals(otherLines(written), otherLines(text), message);
  return written;
}

Deno.test("writePools() changes any file to any configuration repeatedly, and keeps its other lines", () => {
  const names = { pools: POOLS, resources: RESOURCES };
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 400; round++) {
      let text = randomFile(random, randomConfiguration(random, names));
      let wanted = random() < 0.5
        ? randomConfiguration(random, names)
        : mutated(random, readPools(new Conf(text)).configuration, names);
      for (let save = 0; save < 4; save++) {
        const message = `seed ${seed}, round ${round}, save ${save}: ${JSON.stringify(text)}`;
        text = assertWritten(text, wanted, message);
        wanted = mutated(random, wanted, names);
      }
    }
  }
});

Deno.test("writePools() writes names that are parts of keys correctly, or refuses them", () => {
  const names = { pools: CONFUSING_POOLS, resources: CONFUSING_RESOURCES };
  const fates = { held: 0, refused: 0 };
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 1_000; round++) {
      const text = randomFile(random, randomConfiguration(random, names));
      const wanted = mutated(random, readPools(new Conf(text)).configuration, names);
      const conf = new Conf(text);
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`;
      if (writePools(conf, wanted) === undefined) {
        assertEquals(readPools(new Conf(conf.toString())).configuration, wanted, message);
        fates.held++;
      } else fates.refused++;
    }
  }
  assert(fates.held > fates.refused, JSON.stringify(fates));
});
