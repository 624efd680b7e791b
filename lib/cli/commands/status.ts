/** `holdfast status`: which server that is, its counters, and its port for pools. */
import type { PoolStatus } from "../../client/mod.ts";
import { EXIT } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectLocks, connectPools, failureOf } from "../connect.ts";
import { LOCKS_URL, locksUrl, POOLS_VARIABLE, poolsUrl, variable } from "../defaults.ts";
import { columns, harmless } from "../terminal_text.ts";
import { writeSpan } from "../durations.ts";
import { print } from "../usage.ts";

interface Pools {
  readonly url: string;
  /** Why there is nothing to say of them. */
  readonly error?: string;
  readonly status?: PoolStatus;
}

export async function status(given: ParsedOptions): Promise<number> {
  const url = locksUrl(given.text("url"));
  await using client = await connectLocks(url, { reconnect: false });
  const { version } = await client.version();
  const counters = Object.fromEntries((await client.send("q")).flatMap(readCounter));
  const pools = await askPools(url, given.text("pools-url"));
  const whole = { url, version, counters, ...pools && { pools } };
  if (given.has("json")) return await print(`${JSON.stringify(whole)}\n`);
  const rows = Object.entries(counters).map(([name, count]) => [harmless(name), String(count)]);
  return await print(columns([
    ["server", `Holdfast ${harmless(version)} at ${harmless(url)}`],
    ...rows,
    ...pools === undefined ? [] : [["pools", tellOf(pools)]],
  ]));
}

/** "command_g: 12". */
function readCounter(line: string): [string, number][] {
  const [, name, count] = /^(\S+): (\d+)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, Number(count)]];
}

/** Of another server than the usual one nobody knows where its pools are, unless it is said. */
async function askPools(locks: string, given: string | undefined): Promise<Pools | undefined> {
  const named = given ?? variable(POOLS_VARIABLE);
  if (named === undefined && locks !== LOCKS_URL) return undefined;
  const url = poolsUrl(named);
  try {
    await using client = await connectPools(url, {});
    return { url, status: await client.status() };
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.status !== EXIT.unreachable) throw error;
    return { url, error: failure.message };
  }
}

function tellOf({ url, status, error }: Pools): string {
  if (status === undefined) return harmless(error ?? "");
  const dirty = status.isDirty ? ", with changes that are not saved" : "";
  const master = status.hasMaster ? ", mastered by a connection" : "";
  return `up for ${writeSpan(status.uptimeSeconds * 1000)} at ${harmless(url)}${dirty}${master}`;
}
