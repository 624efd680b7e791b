/**
 * Reads the pools from looky.conf, and writes a new configuration into it. Pure.
 * Contract: docs/protocol/looky.md, "Configuration".
 */
import type { PoolDefaults, PoolMode, Seed } from "../state/pools/model.ts";
import type { PoolConfiguration, PoolsConfiguration } from "../state/pools/configuration.ts";
import { collapseWhitespace } from "./whitespace.ts";
import { type Conf, type ConfPosition, readList } from "./conf.ts";
import { shorten } from "./bytes.ts";
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

/** The error for a value that is not allowed for its key. */
export class ConfValueError extends Error {
  override readonly name = "ConfValueError";
  constructor(readonly line: number, key: string, value: string, allowed: string) {
    super(`Cannot set ${key} to "${value}": expected ${allowed}`);
  }
}

/** The settings of pools and resources for which the file has no key. */
const FALLBACK: PoolDefaults = { seed: "weighted", mode: "sticky", latencyMs: 3_600_000 };
const QUANTITY_FALLBACK = 100;

const NAMES_TEXT = "names without white space, separated by commas";
const TIME_TEXT = `seconds from 1 to ${WHOLE_MAX}, or like 10sec, 5min, 5h`;
const QUANTITY_TEXT = `${WHOLE_TEXT}, at least 1`;
const UNIT_SECONDS: Readonly<Record<string, number>> = { "": 1, sec: 1, min: 60, h: 3600 };

/** The pools of a file. */
export interface PoolsConf {
  readonly defaults: PoolDefaults;
  readonly configuration: PoolsConfiguration;
  /** The keys that were read. */
  readonly keys: ReadonlySet<string>;
}

/** Reads values by their keys, and records the keys. */
export class ConfReader {
  readonly keys = new Set<string>();

  constructor(readonly conf: Conf) {}

  /**
   * Returns the value of a key, or the fallback when the key is absent or was read before. Throws
   * `ConfValueError`.
   */
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
      return names.some(hasWhitespace) ? undefined : names;
    });
  }

  quantity(key: string, fallback: number): number {
    return this.value(key, fallback, QUANTITY_TEXT, (text) => readWhole(text, 1));
  }

  /** Returns the three settings of a pool for which the file can have defaults. */
  settings(prefix: string, fallback: PoolDefaults): PoolDefaults {
    return {
      seed: this.value<Seed>(`${prefix}seed-method`, fallback.seed, SEED_TEXT, readSeed),
      mode: this.value<PoolMode>(`${prefix}distribute-mode`, fallback.mode, MODE_TEXT, readMode),
      latencyMs: this.value(`${prefix}latency-time`, fallback.latencyMs, TIME_TEXT, readTime),
    };
  }
}

/** Returns the pools that the file configures. Throws `ConfValueError`. */
export function readPools(conf: Conf): PoolsConf {
  const reader = new ConfReader(conf);
  const defaults = reader.settings("pool.", FALLBACK);
  const quantity = reader.quantity("pool.quantity", QUANTITY_FALLBACK);
  const names = reader.names("pool.list");
  const pools = new Map<string, PoolConfiguration>();
  // Names may contain dots: a key that could belong to two pools belongs to the longer name.
  for (const name of names.toSorted((a, b) => b.length - a.length)) {
    pools.set(name, readPool(reader, name, defaults, quantity));
  }
  const coupled = reader.names("resource.coupled.list").toSorted();
  const configuration = { pools: names.map((name) => pools.get(name)!), coupled };
  return { defaults, configuration: levelCoupled(configuration), keys: reader.keys };
}

function readPool(
  reader: ConfReader,
  name: string,
  defaults: PoolDefaults,
  fallback: number,
): PoolConfiguration {
  const prefix = `pool.${name}.`;
  const settings = reader.settings(prefix, defaults);
  const quantity = reader.quantity(`${prefix}resource.quantity`, fallback);
  const resources = reader.names(`${prefix}resource.list`).map((resource) => ({
    name: resource,
    quantity: reader.quantity(`${prefix}resource.${resource}.quantity`, quantity),
  }));
  return { name, ...settings, resources };
}

/** Gives each coupled resource the largest of its quantities, in every pool. */
function levelCoupled({ pools, coupled }: PoolsConfiguration): PoolsConfiguration {
  const largest = new Map(coupled.map((name) => [name, 0]));
  for (const { name, quantity } of pools.flatMap(({ resources }) => resources)) {
    const soFar = largest.get(name);
    if (soFar !== undefined) largest.set(name, Math.max(soFar, quantity));
  }
  const level = (pool: PoolConfiguration): PoolConfiguration => ({
    ...pool,
    resources: pool.resources.map(({ name, quantity }) => ({
      name,
      quantity: largest.get(name) ?? quantity,
    })),
  });
  return { pools: pools.map(level), coupled };
}

function hasWhitespace(name: string): boolean {
  return name.includes(" ") || collapseWhitespace(name) !== name;
}

function readTime(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)(sec|min|h)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Number(digits) * UNIT_SECONDS[unit]!;
  return seconds >= 1 && seconds <= WHOLE_MAX ? seconds * 1000 : undefined;
}

/**
 * Changes the file to the configuration `wanted`, with as few changes as possible. Returns the
 * reason if the file cannot contain it; the caller must not save the file then.
 */
export function writePools(conf: Conf, wanted: PoolsConfiguration): string | undefined {
  const usedKeys = readPools(conf).keys;
  const keys = new Set([...GLOBAL_KEYS, ...wanted.pools.flatMap(keysOf)]);
  // Keys of dropped pools and resources, and unused keys of new ones, must not apply by accident.
  for (const key of usedKeys) if (!keys.has(key)) conf.delete(key);
  for (const key of keys) if (!usedKeys.has(key)) conf.delete(key);
  const colons: string[] = [];
  const set: SetKey = (name, key, value, position) =>
    key.includes(":") ? colons.push(name) : conf.set(key, value, position);
  writeLists(conf, wanted, set);
  const current = readPools(conf).configuration.pools;
  for (const [i, pool] of wanted.pools.entries()) {
    if (current[i]?.name === pool.name) writePool(conf, pool, current[i], set);
  }
  const comma = namesOf(wanted).find((name) => name.includes(","));
  if (comma) return `the file cannot hold the name ${shorten(comma)}: a comma parts names there`;
  const [colon] = colons;
  if (colon) return `the file cannot hold the name ${shorten(colon)}: a colon ends a key there`;
  return JSON.stringify(readPools(conf).configuration) === JSON.stringify(wanted)
    ? undefined
    : "the file cannot hold these names; plainer ones can be saved";
}

/** Sets a key that contains a name. */
type SetKey = (name: string, key: string, value: string, position?: ConfPosition) => void;

const SETTINGS = ["seed-method", "distribute-mode", "latency-time"];
const COUPLED_KEY = "resource.coupled.list";
const GLOBAL_KEYS = [
  ...["list", "quantity", ...SETTINGS].map((setting) => `pool.${setting}`),
  COUPLED_KEY,
];

function namesOf({ pools, coupled }: PoolsConfiguration): string[] {
  const resources = pools.flatMap(({ resources }) => resources);
  return [...pools.map(({ name }) => name), ...resources.map(({ name }) => name), ...coupled];
}

/** Returns all keys that could apply to a pool. */
function keysOf({ name, resources }: PoolConfiguration): string[] {
  const settings = [...SETTINGS, "resource.list", "resource.quantity"];
  const quantities = resources.map((resource) => `resource.${resource.name}.quantity`);
  return [...settings, ...quantities].map((key) => `pool.${name}.${key}`);
}

function writeLists(conf: Conf, { pools, coupled }: PoolsConfiguration, set: SetKey): void {
  const isDifferent = (key: string, names: readonly string[]) =>
    `${names}` !== `${readList(conf.get(key)?.value ?? "")}`;
  const poolNames = pools.map(({ name }) => name);
  const position = conf.positionAfter(GLOBAL_KEYS);
  if (isDifferent("pool.list", poolNames)) set("", "pool.list", poolNames.join(","), position);
  for (const pool of pools) {
    const key = `pool.${pool.name}.resource.list`;
    const names = pool.resources.map(({ name }) => name);
    if (!isDifferent(key, names)) continue;
    set(pool.name, key, names.join(","), conf.positionAfter(keysOf(pool)));
  }
  const coupledBefore = readList(conf.get(COUPLED_KEY)?.value ?? "").sort();
  if (`${coupled}` !== `${coupledBefore}`) set("", COUPLED_KEY, coupled.join(","));
}

function writePool(
  conf: Conf,
  wanted: PoolConfiguration,
  current: PoolConfiguration,
  set: SetKey,
): void {
  const { name } = wanted;
  const prefix = `pool.${name}.`;
  const position = conf.positionAfter(keysOf(wanted));
  if (wanted.seed !== current.seed) set(name, `${prefix}seed-method`, wanted.seed, position);
  if (wanted.mode !== current.mode) {
    set(name, `${prefix}distribute-mode`, writeMode(wanted.mode), position);
  }
  if (wanted.latencyMs !== current.latencyMs) {
    set(name, `${prefix}latency-time`, `${wanted.latencyMs / 1000}`, position);
  }
  const quantities = new Map(current.resources.map(({ name, quantity }) => [name, quantity]));
  for (const { name, quantity } of wanted.resources) {
    // A coupled resource has the largest quantity of all pools, so every pool gets the new one.
    if (quantity === quantities.get(name)) continue;
    set(name, `${prefix}resource.${name}.quantity`, `${quantity}`, position);
  }
}
