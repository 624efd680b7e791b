/**
 * looky.conf as pools: what its keys say, and how they are changed to say something else. Pure.
 * Contract: docs/protocol/looky.md, "Configuration".
 */
import type { Defaults, Mode, Seed } from "../state/pools/model.ts";
import type { Outline, PoolOutline } from "../state/pools/outline.ts";
import { foldBlanks } from "./blanks.ts";
import { type Conf, readList } from "./conf.ts";
import {
  MODE_TEXT,
  readMode,
  readSeed,
  readWhole,
  SEED_TEXT,
  WHOLE_MAX,
  WHOLE_TEXT,
  writeMode,
} from "./looky_values.ts";

/** A value that its key does not allow. */
export class ConfValueError extends Error {
  override readonly name = "ConfValueError";
  constructor(readonly line: number, key: string, value: string, allowed: string) {
    super(`${key} is "${value}", allowed is: ${allowed}`);
  }
}

/** What new pools and resources of a file are when it does not say. */
const FALLBACK: Defaults = { seed: "weighted", mode: "sticky", latencyMs: 3_600_000 };
const QUANTITY_FALLBACK = 100;

const NAMES_TEXT = "names without blanks, parted by commas";
const TIME_TEXT = `seconds from 1 to ${WHOLE_MAX}, or like 10sec, 5min, 5h`;
const QUANTITY_TEXT = `${WHOLE_TEXT}, at least 1`;
const UNIT_SECONDS: Readonly<Record<string, number>> = { "": 1, sec: 1, min: 60, h: 3600 };

/** What a file says of pools. */
export interface Reading {
  readonly defaults: Defaults;
  readonly outline: Outline;
  /** The keys that were understood. */
  readonly keys: ReadonlySet<string>;
}

/** Reads values by their keys, and remembers which keys those were. */
export class ConfReader {
  readonly keys = new Set<string>();

  constructor(readonly conf: Conf) {}

  /** The value of a key that nobody has taken yet, or the fallback. Throws `ConfValueError`. */
  value<V>(
    key: string,
    fallback: V,
    allowed: string,
    read: (text: string) => V | undefined,
  ): V {
    const entry = this.keys.has(key) ? undefined : this.conf.get(key);
    if (entry === undefined) return fallback;
    this.keys.add(key);
    const value = read(entry.value);
    if (value === undefined) throw new ConfValueError(entry.line, key, entry.value, allowed);
    return value;
  }

  names(key: string): readonly string[] {
    return this.value<readonly string[]>(key, [], NAMES_TEXT, (text) => {
      const names = readList(text);
      return names.some(hasBlank) ? undefined : names;
    });
  }

  quantity(key: string, fallback: number): number {
    return this.value(key, fallback, QUANTITY_TEXT, (text) => readWhole(text, 1));
  }

  /** The three settings that a pool has and the file has defaults for. */
  settings(prefix: string, fallback: Defaults): Defaults {
    return {
      seed: this.value<Seed>(`${prefix}seed-method`, fallback.seed, SEED_TEXT, readSeed),
      mode: this.value<Mode>(`${prefix}distribute-mode`, fallback.mode, MODE_TEXT, readMode),
      latencyMs: this.value(`${prefix}latency-time`, fallback.latencyMs, TIME_TEXT, readTime),
    };
  }
}

/** Throws `ConfValueError`. */
export function readPools(conf: Conf): Reading {
  const reader = new ConfReader(conf);
  const defaults = reader.settings("pool.", FALLBACK);
  const quantity = reader.quantity("pool.quantity", QUANTITY_FALLBACK);
  const names = reader.names("pool.list");
  const pools = new Map<string, PoolOutline>();
  // Names may hold dots: of two pools that could mean the same key, the longer name has it.
  for (const name of names.toSorted((a, b) => b.length - a.length)) {
    pools.set(name, readPool(reader, name, defaults, quantity));
  }
  const coupled = reader.names("resource.coupled.list").toSorted();
  const outline = { pools: names.map((name) => pools.get(name)!), coupled };
  return { defaults, outline: levelCoupled(outline), keys: reader.keys };
}

function readPool(
  reader: ConfReader,
  name: string,
  defaults: Defaults,
  fallback: number,
): PoolOutline {
  const prefix = `pool.${name}.`;
  const settings = reader.settings(prefix, defaults);
  const quantity = reader.quantity(`${prefix}resource.quantity`, fallback);
  const resources = reader.names(`${prefix}resource.list`).map((resource) => ({
    name: resource,
    quantity: reader.quantity(`${prefix}resource.${resource}.quantity`, quantity),
  }));
  return { name, ...settings, resources };
}

/** A coupled resource has the largest of its quantities everywhere. */
function levelCoupled({ pools, coupled }: Outline): Outline {
  const largest = new Map(coupled.map((name) => [name, 0]));
  for (const { name, quantity } of pools.flatMap(({ resources }) => resources)) {
    const before = largest.get(name);
    if (before !== undefined) largest.set(name, Math.max(before, quantity));
  }
  const level = (pool: PoolOutline): PoolOutline => ({
    ...pool,
    resources: pool.resources.map(({ name, quantity }) => ({
      name,
      quantity: largest.get(name) ?? quantity,
    })),
  });
  return { pools: pools.map(level), coupled };
}

function hasBlank(name: string): boolean {
  return name.includes(" ") || foldBlanks(name) !== name;
}

function readTime(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)(sec|min|h)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Number(digits) * UNIT_SECONDS[unit]!;
  return seconds >= 1 && seconds <= WHOLE_MAX ? seconds * 1000 : undefined;
}

/**
 * Changes the file to say `wanted`, with as few changes as that takes. Returns why it cannot: then
 * the file is not to be written.
 */
export function writePools(conf: Conf, wanted: Outline): string | undefined {
  const { pools, coupled } = wanted;
  const names = pools.flatMap(({ name, resources }) => [name, ...resources.map((r) => r.name)]);
  const unfit = (mark: string, does: string) => {
    const name = [...names, ...coupled].find((name) => name.includes(mark));
    return name && `the file cannot hold the name ${name}: a ${mark} ${does} there`;
  };
  const parted = unfit(",", "parts names");
  if (parted !== undefined) return parted;
  const before = readPools(conf);
  writeList(conf, "pool.list", wanted.pools.map(({ name }) => name), before.outline.pools);
  for (const { name, resources } of wanted.pools) {
    const known = before.outline.pools.find((pool) => pool.name === name)?.resources ?? [];
    const names = resources.map((resource) => resource.name);
    writeList(conf, `pool.${name}.resource.list`, names, known);
  }
  if (`${wanted.coupled}` !== `${before.outline.coupled}`) {
    conf.set("resource.coupled.list", wanted.coupled.join(","), "resource.");
  }
  // What was said of pools and resources that are gone, must not count when they come back.
  const { outline, keys } = readPools(conf);
  for (const key of before.keys) if (!keys.has(key)) conf.delete(key);
  for (const [i, pool] of wanted.pools.entries()) writePool(conf, pool, outline.pools[i]!);
  return JSON.stringify(readPools(conf).outline) === JSON.stringify(wanted)
    ? undefined
    : unfit(":", "ends a key") ?? "the file cannot hold these names; plainer ones can be saved";
}

function writeList(
  conf: Conf,
  key: string,
  names: readonly string[],
  before: readonly { readonly name: string }[],
): void {
  if (`${names}` === `${before.map(({ name }) => name)}`) return;
  conf.set(key, names.join(","), key.slice(0, key.lastIndexOf(".resource") + 1) || "pool.");
}

function writePool(conf: Conf, wanted: PoolOutline, said: PoolOutline): void {
  const prefix = `pool.${wanted.name}.`;
  const set = (key: string, value: string) => conf.set(prefix + key, value, prefix);
  if (wanted.seed !== said.seed) set("seed-method", wanted.seed);
  if (wanted.mode !== said.mode) set("distribute-mode", writeMode(wanted.mode));
  if (wanted.latencyMs !== said.latencyMs) set("latency-time", `${wanted.latencyMs / 1000}`);
  for (const [i, { name, quantity }] of wanted.resources.entries()) {
    // Of a coupled one `said` is the largest: when that is wrong, it is said anew in every pool.
    if (quantity !== said.resources[i]!.quantity) set(`resource.${name}.quantity`, `${quantity}`);
  }
}
