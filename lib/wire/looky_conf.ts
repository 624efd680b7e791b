/**
 * looky.conf as pools: what its keys say, and how they are changed to say something else. Pure.
 * Contract: docs/protocol/looky.md, "Configuration".
 */
import type { PoolDefaults, PoolMode, Seed } from "../state/pools/model.ts";
import type { Outline, PoolOutline } from "../state/pools/outline.ts";
import { foldBlanks } from "./whitespace.ts";
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

/** A value that its key does not allow. */
export class ConfValueError extends Error {
  override readonly name = "ConfValueError";
  constructor(readonly line: number, key: string, value: string, allowed: string) {
    super(`${key} is "${value}", allowed is: ${allowed}`);
  }
}

/** What new pools and resources of a file are when it does not say. */
const FALLBACK: PoolDefaults = { seed: "weighted", mode: "sticky", latencyMs: 3_600_000 };
const QUANTITY_FALLBACK = 100;

const NAMES_TEXT = "names without blanks, parted by commas";
const TIME_TEXT = `seconds from 1 to ${WHOLE_MAX}, or like 10sec, 5min, 5h`;
const QUANTITY_TEXT = `${WHOLE_TEXT}, at least 1`;
const UNIT_SECONDS: Readonly<Record<string, number>> = { "": 1, sec: 1, min: 60, h: 3600 };

/** What a file says of pools. */
export interface PoolsConf {
  readonly defaults: PoolDefaults;
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
  settings(prefix: string, fallback: PoolDefaults): PoolDefaults {
    return {
      seed: this.value<Seed>(`${prefix}seed-method`, fallback.seed, SEED_TEXT, readSeed),
      mode: this.value<PoolMode>(`${prefix}distribute-mode`, fallback.mode, MODE_TEXT, readMode),
      latencyMs: this.value(`${prefix}latency-time`, fallback.latencyMs, TIME_TEXT, readTime),
    };
  }
}

/** Throws `ConfValueError`. */
export function readPools(conf: Conf): PoolsConf {
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
  defaults: PoolDefaults,
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
  const before = readPools(conf).keys;
  const keys = new Set([...GLOBAL_KEYS, ...wanted.pools.flatMap(keysOf)]);
  // Of pools and resources that are gone, or were none so far: that is not to count for new ones.
  for (const key of before) if (!keys.has(key)) conf.delete(key);
  for (const key of keys) if (!before.has(key)) conf.delete(key);
  const colons: string[] = [];
  const set: Set = (name, key, value, place) =>
    key.includes(":") ? colons.push(name) : conf.set(key, value, place);
  writeLists(conf, wanted, set);
  const said = readPools(conf).outline.pools;
  for (const [i, pool] of wanted.pools.entries()) {
    if (said[i]?.name === pool.name) writePool(conf, pool, said[i], set);
  }
  const comma = namesOf(wanted).find((name) => name.includes(","));
  if (comma) return `the file cannot hold the name ${shorten(comma)}: a comma parts names there`;
  const [colon] = colons;
  if (colon) return `the file cannot hold the name ${shorten(colon)}: a colon ends a key there`;
  return JSON.stringify(readPools(conf).outline) === JSON.stringify(wanted)
    ? undefined
    : "the file cannot hold these names; plainer ones can be saved";
}

/** Sets a key that is about a name. */
type Set = (name: string, key: string, value: string, place?: ConfPosition) => void;

const SETTINGS = ["seed-method", "distribute-mode", "latency-time"];
const COUPLED_KEY = "resource.coupled.list";
const GLOBAL_KEYS = [
  ...["list", "quantity", ...SETTINGS].map((setting) => `pool.${setting}`),
  COUPLED_KEY,
];

function namesOf({ pools, coupled }: Outline): string[] {
  const resources = pools.flatMap(({ resources }) => resources);
  return [...pools.map(({ name }) => name), ...resources.map(({ name }) => name), ...coupled];
}

/** All keys that could say something of a pool. */
function keysOf({ name, resources }: PoolOutline): string[] {
  const settings = [...SETTINGS, "resource.list", "resource.quantity"];
  const quantities = resources.map((resource) => `resource.${resource.name}.quantity`);
  return [...settings, ...quantities].map((key) => `pool.${name}.${key}`);
}

function writeLists(conf: Conf, { pools, coupled }: Outline, set: Set): void {
  const saysElse = (key: string, names: readonly string[]) =>
    `${names}` !== `${readList(conf.get(key)?.value ?? "")}`;
  const poolNames = pools.map(({ name }) => name);
  const place = conf.placeBehind(GLOBAL_KEYS);
  if (saysElse("pool.list", poolNames)) set("", "pool.list", poolNames.join(","), place);
  for (const pool of pools) {
    const key = `pool.${pool.name}.resource.list`;
    const names = pool.resources.map(({ name }) => name);
    if (!saysElse(key, names)) continue;
    set(pool.name, key, names.join(","), conf.placeBehind(keysOf(pool)));
  }
  const said = readList(conf.get(COUPLED_KEY)?.value ?? "").sort();
  if (`${coupled}` !== `${said}`) set("", COUPLED_KEY, coupled.join(","));
}

function writePool(conf: Conf, wanted: PoolOutline, said: PoolOutline, set: Set): void {
  const { name } = wanted;
  const prefix = `pool.${name}.`;
  const place = conf.placeBehind(keysOf(wanted));
  if (wanted.seed !== said.seed) set(name, `${prefix}seed-method`, wanted.seed, place);
  if (wanted.mode !== said.mode) {
    set(name, `${prefix}distribute-mode`, writeMode(wanted.mode), place);
  }
  if (wanted.latencyMs !== said.latencyMs) {
    set(name, `${prefix}latency-time`, `${wanted.latencyMs / 1000}`, place);
  }
  const quantities = new Map(said.resources.map(({ name, quantity }) => [name, quantity]));
  for (const { name, quantity } of wanted.resources) {
    // Of a coupled one the largest is said: when that is wrong, it is said anew in every pool.
    if (quantity === quantities.get(name)) continue;
    set(name, `${prefix}resource.${name}.quantity`, `${quantity}`, place);
  }
}
