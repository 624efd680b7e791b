/**
 * Small random worlds for the pool table, in which names collide, quantities run out and clocks
 * stand still; and random steps in them, which can be taken again from the start.
 */
import type { MasterRule } from "../../lib/state/pools/master.ts";
import { type Pools, type Seed, SEEDS } from "../../lib/state/pools/model.ts";
import { newPools } from "../../lib/state/pools/table.ts";
import { type Args, modeOf, OTHER_COMMANDS, SESSION_COMMANDS } from "./pool_commands.ts";
import { PoolModel } from "./pool_model.ts";
import type { Settings } from "./pool_model_values.ts";
import { below, pick } from "./random.ts";

const LATENCIES = [1, 1, 2, 2, 3, 5, 3600];
const MODES = ["sticky", "queued", "queued", ...[1, 1, 2, 3, 4, 6].map((size) => `queued-${size}`)];
const OWNERS = [1, 1, 1, 1, 1, 2, 3];
const WAITS_MS = [[0], [0, 0, 0, 1, 500], [0, 0, 250, 500, 1000], [0, 1, 999, 1000, 4000]];
const HUGE = 2 ** 31 - 1;
const HOSTILE = ["__proto__", "constructor", "a,b.c", "\xff"];
/** By the word that stands for it in a command's usage. */
const NUMBERS: Record<string, readonly number[]> = {
  "<quantity>": [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 0, -1, HUGE],
  "<ratio>": [10_000, 10_000, 5000, 15_000, 20_000, 11_500, 3333, 2500, 1, 2 ** 22 * 10_000],
  "<used>": [0, 0, 0, 1, 1, 2, 2, 3, 4, 6, 9, HUGE],
  "<number>": [0, 1, 1, 1, 2, 2, 3, 5, 8, 1000],
  "<seconds>": LATENCIES,
  "<limit>": [0, 1, 2, 3],
};

export interface World {
  readonly pools: readonly string[];
  readonly resources: readonly string[];
  readonly consumers: readonly string[];
  readonly defaults: Settings & { seed: Seed };
  /** Coupled before any pool has them. */
  readonly coupled: readonly string[];
  readonly startMs: number;
  /** How long it may be from one step to the next. */
  readonly waitsMs: readonly number[];
  /** How many of the steps are about sessions. */
  readonly sessionShare: number;
  /** After how many steps everything is looked at. */
  readonly lookEvery: number;
}

/** One command, given by a connection some time after the last one. */
export interface Step {
  readonly text: string;
  readonly waitMs: number;
  readonly owner: number;
  readonly group: MasterRule | undefined;
  real(pools: Pools, nowMs: number): unknown;
  model(model: PoolModel, nowMs: number): unknown;
}

type Random = () => number;

export function someWorld(random: Random): World {
  const isLarge = random() < 0.05;
  const resources = someNames(random, "r", isLarge ? 20 : below(random, 7));
  return {
    pools: someNames(random, "p", 1 + below(random, 4)),
    resources,
    consumers: someNames(random, "c", isLarge ? 40 : below(random, 13)),
    defaults: {
      latencySeconds: pick(random, LATENCIES),
      seed: pick(random, SEEDS),
      mode: pick(random, MODES),
    },
    coupled: resources.filter(() => random() < 0.2),
    startMs: pick(random, [0, 1_700_000_000_123]),
    waitsMs: pick(random, WAITS_MS),
    sessionShare: pick(random, [0.4, 0.7, 0.9]),
    lookEvery: isLarge ? 20 : 1,
  };
}

function someNames(random: Random, letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    return random() < 0.05 ? pick(random, HOSTILE) : `${letter}${index}`;
  });
}

/** The same beginnings for the rules and for the model. */
export function newTables({ defaults, coupled }: World): [Pools, PoolModel] {
  const { latencySeconds, seed, mode } = defaults;
  const pools = newPools({ latencyMs: latencySeconds * 1000, seed, mode: modeOf(mode) });
  for (const name of coupled) pools.coupled.add(name);
  return [pools, new PoolModel(defaults, coupled)];
}

/** Pools and resources to begin with, then anything. */
export function someSteps(random: Random, world: World, count: number): Step[] {
  const steps: Step[] = [];
  for (const pool of world.pools) {
    if (random() < 0.9) steps.push(stepOf(random, world, "add-pool <pool>", { pool }));
    for (const resource of world.resources) {
      const usage = "set-resource [pool] <resource> <quantity>";
      if (random() < 0.6) steps.push(stepOf(random, world, usage, { where: pool, resource }));
    }
  }
  while (steps.length < count) steps.push(stepOf(random, world, someUsage(random, world)));
  return steps;
}

function someUsage(random: Random, { sessionShare }: World): string {
  const rows = random() < sessionShare ? SESSION_COMMANDS : OTHER_COMMANDS;
  let left = below(random, rows.reduce((sum, [, share]) => sum + share, 0));
  return rows.find(([, share]) => (left -= share) < 0)![0];
}

/** The command whose usage begins so; what is not given is drawn. */
function stepOf(random: Random, world: World, begins: string, given: Partial<Args> = {}): Step {
  const rows = [...SESSION_COMMANDS, ...OTHER_COMMANDS];
  const [usage, , real, model] = rows.find(([usage]) => usage.startsWith(begins))!;
  const args = { ...someArgs(random, world, usage), ...given };
  return {
    text: usage.split(" ").map((word) => spelt(word, args)).filter((word) => word !== "").join(" "),
    waitMs: pick(random, world.waitsMs),
    owner: args.owner,
    group: (["(m)", "(M)"] as const).find((group) => usage.endsWith(group)),
    real: (pools, nowMs) => real(pools, { ...args, nowMs }),
    model: (its, nowMs) => model(its, { ...args, nowMs }),
  };
}

function someArgs(random: Random, world: World, usage: string): Args {
  const numbers = usage.split(" ").map((word) => NUMBERS[word]).find((its) => its !== undefined);
  return {
    pool: someName(random, world.pools),
    where: random() < 0.25 ? undefined : someName(random, world.pools),
    resource: someName(random, world.resources),
    consumer: someName(random, world.consumers),
    number: pick(random, numbers ?? [0]),
    seed: pick(random, SEEDS),
    mode: pick(random, MODES),
    owner: pick(random, OWNERS),
    nowMs: 0,
  };
}

/** Seldom one that nobody has made. */
function someName(random: Random, names: readonly string[]): string {
  return names.length === 0 || random() < 0.02 ? pick(random, HOSTILE) : pick(random, names);
}

/** A word of the usage as the command has it. */
function spelt(
  word: string,
  { pool, where, resource, consumer, number, seed, mode }: Args,
): string {
  if (word === "[pool]") return where ?? "";
  if (word === "<ratio>") return String(number / 10_000);
  if (word in NUMBERS) return String(number);
  const named: Record<string, string> = {
    "<pool>": pool,
    "<resource>": resource,
    "<consumer>": consumer,
    "<seed>": seed,
    "<mode>": mode,
  };
  return named[word] ?? word;
}
