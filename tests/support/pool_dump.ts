/** Dumps the whole content of a pool table as lines, so that two states can be compared. */
import { NameTable } from "../../lib/collections/name_table.ts";
import { NameMap } from "../../lib/collections/name_map.ts";
import type { Pools } from "../../lib/state/pools/model.ts";
import { updateAgeRanks, updateUseRanks } from "../../lib/state/pools/ranking.ts";
import { Tournament } from "../../lib/collections/tournament.ts";

/**
 * Not part of the state: when a resource was ranked, chains of the hash table, engine bookkeeping.
 */
const IGNORED_KEYS = [
  "staleUseRanks",
  "staleAgeRanks",
  "ranked",
  "hash",
  "chained",
  "workSinceClockRead",
];
/** More than any test has pools, or resources in one pool. */
const ITEMS_MAX = 64;

/**
 * Returns a line for each value with its path; a repeated object names the path it was found at.
 */
export function dump(pools: Pools): string[] {
  for (const pool of pools.list) {
    updateUseRanks(pool);
    updateAgeRanks(pool);
  }
  const lines: string[] = [];
  const seen = new Map<object, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value !== "object" || value === null) lines.push(`${path} = ${String(value)}`);
    else if (seen.has(value)) lines.push(`${path} is ${seen.get(value)}`);
    else {
      seen.set(value, path);
      const parts = partsOf(value).filter(([, part]) => typeof part !== "function");
      lines.push(`${path} has ${parts.length}`);
      for (const [key, part] of parts) walk(part, `${path}.${String(key)}`);
    }
  };
  walk(pools, "pools");
  return lines;
}

function partsOf(value: object): [key: unknown, part: unknown][] {
  if (value instanceof Set) return [...value].entries().toArray();
  if (value instanceof Map) return [...value];
  if (value instanceof NameMap || value instanceof NameTable) {
    return [...value].sort(([a], [b]) => a < b ? -1 : 1);
  }
  if (value instanceof Tournament) return [["members", membersOf(value)], ["best", value.winner]];
  return Object.entries(value).filter(([key]) => !IGNORED_KEYS.includes(key));
}

function membersOf(ranking: Tournament): string {
  return [...Array(ITEMS_MAX).keys()].filter((index) => ranking.has(index)).join(" ");
}
