/**
 * Small random scenarios for the pool table, in which names collide, resources are full and the
 * clock does not move; and random steps in them, which can be repeated from the start.
 */
import type { MasterRule } from "../../lib/state/pools/master.ts";
import { type Pools, type Seed, SEEDS } from "../../lib/state/pools/model.ts";
import { newPools } from "../../lib/state/pools/table.ts";
import { type CommandArgs, modeOf, OTHER_COMMANDS, SESSION_COMMANDS } from "./pool_commands.ts";
import { PoolModel } from "./pool_model.ts";
import type { ModelSettings } from "./pool_model_values.ts";
import { below, pick } from "./random.ts";

const LATENCIES = [1, 1, 2, 2, 3, 5, 3600];
const MODES = ["sticky", "queued", "queued", ...[1, 1, 2, 3, 4, 6].map((size) => `queued-${size}`)];
const OWNERS = [1, 1, 1, 1, 1, 2, 3];
const WAITS_MS = [[0], [0, 0, 0, 1, 500], [0, 0, 250, 500, 1000], [0, 1, 999, 1000, 4000]];
const HUGE = 2 ** 31 - 1;
const HOSTILE_NAMES = ["__proto__", "constructor", "a,b.c", "\xff"];
/** Values for the placeholders of a command's usage. */
const NUMBERS: Record<string, readonly number[]> = {
  "<quantity>": [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 0, -1, HUGE],
  "<ratio>": [10_000, 10_000, 5000, 15_000, 20_000, 11_500, 3333, 2500, 1, 2 ** 22 * 10_000],
  "<used>": [0, 0, 0, 1, 1, 2, 2, 3, 4, 6, 9, HUGE],
  "<number>": [0, 1, 1, 1, 2, 2, 3, 5, 8, 1000],
  "<seconds>": LATENCIES,
  "<limit>": [0, 1, 2, 3],
};

export interface Scenario {
  readonly pools: readonly string[];
  readonly resources: readonly string[];
  readonly consumers: readonly string[];
  readonly defaults: ModelSettings & { seed: Seed };
  /** Names coupled before any pool has them. */
  readonly coupled: readonly string[];
  readonly startMs: number;
  /** Possible times between two steps. */
  readonly waitsMs: readonly number[];
  /** The share of session commands among the steps. */
  readonly sessionShare: number;
  /** The number of steps between two checks of the whole table. */
  readonly checkEvery: number;
}

/** One command, sent by a connection `waitMs` after the previous one. */
export interface Step {
  readonly text: string;
  readonly waitMs: number;
  readonly owner: number;
  readonly group: MasterRule | undefined;
  real(pools: Pools, nowMs: number): unknown;
  model(model: PoolModel, nowMs: number): unknown;
}

type Random = () => number;

export function randomScenario(random: Random): Scenario {
  const isLarge = random() < 0.05;
  const resources = randomNames(random, "r", isLarge ? 20 : below(random, 7));
  return {
    pools: randomNames(random, "p", 1 + below(random, 4)),
    resources,
    consumers: randomNames(random, "c", isLarge ? 40 : below(random, 13)),
    defaults: {
      latencySeconds: pick(random, LATENCIES),
      seed: pick(random, SEEDS),
      mode: pick(random, MODES),
    },
    coupled: resources.filter(() => random() < 0.2),
    startMs: pick(random, [0, 1_700_000_000_123]),
    waitsMs: pick(random, WAITS_MS),
    sessionShare: pick(random, [0.4, 0.7, 0.9]),
    checkEvery: isLarge ? 20 : 1,
  };
}

function randomNames(random: Random, letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    return random() < 0.05 ? pick(random, HOSTILE_NAMES) : `${letter}${index}`;
  });
}

/** Returns equal tables for the rules and for the model. */
export function newTables({ defaults, coupled }: Scenario): [Pools, PoolModel] {
  const { latencySeconds, seed, mode } = defaults;
  const pools = newPools({ latencyMs: latencySeconds * 1000, seed, mode: modeOf(mode) });
  for (const name of coupled) pools.coupled.add(name);
  return [pools, new PoolModel(defaults, coupled)];
}

/** Returns steps that create pools and resources, then arbitrary ones. */
export function randomSteps(random: Random, scenario: Scenario, count: number): Step[] {
  const steps: Step[] = [];
  for (const pool of scenario.pools) {
    if (random() < 0.9) steps.push(stepOf(random, scenario, "add-pool <pool>", { pool }));
    for (const resource of scenario.resources) {
      const usage = "set-resource [pool] <resource> <quantity>";
      if (random() < 0.6) {
        steps.push(stepOf(random, scenario, usage, { poolOrAll: pool, resource }));
      }
    }
  }
  while (steps.length < count) steps.push(stepOf(random, scenario, randomUsage(random, scenario)));
  return steps;
}

function randomUsage(random: Random, { sessionShare }: Scenario): string {
  const rows = random() < sessionShare ? SESSION_COMMANDS : OTHER_COMMANDS;
  let remaining = below(random, rows.reduce((sum, [, weight]) => sum + weight, 0));
  return rows.find(([, weight]) => (remaining -= weight) < 0)![0];
}

/**
 * Returns a step of the command whose usage starts with `prefix`; the other arguments are random.
 */
function stepOf(
  random: Random,
  scenario: Scenario,
  prefix: string,
  given: Partial<CommandArgs> = {},
): Step {
  const rows = [...SESSION_COMMANDS, ...OTHER_COMMANDS];
  const [usage, , real, model] = rows.find(([usage]) => usage.startsWith(prefix))!;
  const args = { ...randomArgs(random, scenario, usage), ...given };
  return {
    text: usage.split(" ").map((word) => wordText(word, args)).filter((word) => word !== "").join(
      " ",
    ),
    waitMs: pick(random, scenario.waitsMs),
    owner: args.owner,
    group: (["(m)", "(M)"] as const).find((group) => usage.endsWith(group)),
    real: (pools, nowMs) => real(pools, { ...args, nowMs }),
    model: (its, nowMs) => model(its, { ...args, nowMs }),
  };
}

function randomArgs(random: Random, scenario: Scenario, usage: string): CommandArgs {
  const numbers = usage.split(" ").map((word) => NUMBERS[word]).find((its) => its !== undefined);
  return {
    pool: randomName(random, scenario.pools),
    poolOrAll: random() < 0.25 ? undefined : randomName(random, scenario.pools),
    resource: randomName(random, scenario.resources),
    consumer: randomName(random, scenario.consumers),
    number: pick(random, numbers ?? [0]),
    seed: pick(random, SEEDS),
    mode: pick(random, MODES),
    owner: pick(random, OWNERS),
    nowMs: 0,
  };
}

/** Returns one of the names, rarely a name that does not exist. */
function randomName(random: Random, names: readonly string[]): string {
  return names.length === 0 || random() < 0.02 ? pick(random, HOSTILE_NAMES) : pick(random, names);
}

/** Returns the argument for a word of the usage. */
function wordText(
  word: string,
  { pool, poolOrAll, resource, consumer, number, seed, mode }: CommandArgs,
): string {
  if (word === "[pool]") return poolOrAll ?? "";
  if (word === "<ratio>") return String(number / 10_000);
  if (word in NUMBERS) return String(number);
  const names: Record<string, string> = {
    "<pool>": pool,
    "<resource>": resource,
    "<consumer>": consumer,
    "<seed>": seed,
    "<mode>": mode,
  };
  return names[word] ?? word;
}
