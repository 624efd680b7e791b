/** All that is in a pool table, so that two states can be compared: nothing is left out. */
import { NameTable } from "../../lib/collections/name_table.ts";
import { NameMap } from "../../lib/collections/name_map.ts";
import type { Pools } from "../../lib/state/pools/model.ts";
import { rankAge, rankUse } from "../../lib/state/pools/ranking.ts";
import { Tournament } from "../../lib/collections/tournament.ts";

/** What is nobody's business: who was ranked when, and what is chained to what. */
const UNTOLD = ["useStale", "ageStale", "fresh", "hash", "chained", "toil"];
/** More than any test has pools, or resources in a pool. */
const ITEMS_MAX = 64;

/** A line for each value, with the way to it; what is met again names the way it was met first. */
export function dump(pools: Pools): string[] {
  for (const pool of pools.list) {
    rankUse(pool);
    rankAge(pool);
  }
  const lines: string[] = [];
  const seen = new Map<object, string>();
  const walk = (value: unknown, way: string) => {
    if (typeof value !== "object" || value === null) lines.push(`${way} = ${String(value)}`);
    else if (seen.has(value)) lines.push(`${way} is ${seen.get(value)}`);
    else {
      seen.set(value, way);
      const parts = partsOf(value).filter(([, part]) => typeof part !== "function");
      lines.push(`${way} has ${parts.length}`);
      for (const [key, part] of parts) walk(part, `${way}.${String(key)}`);
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
  return Object.entries(value).filter(([key]) => !UNTOLD.includes(key));
}

function membersOf(ranking: Tournament): string {
  return [...Array(ITEMS_MAX).keys()].filter((index) => ranking.has(index)).join(" ");
}
