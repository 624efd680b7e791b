/** `holdfast status`: shows the server's version and counters, and the status of its pools. */
import type { ParsedArguments } from "../../args/parse.ts";
import type { PoolStatus } from "../../client/mod.ts";
import { connectLocks, connectPools, exitErrorOf } from "../connect.ts";
import { LOCKS_URL, locksUrl, POOLS_VARIABLE, poolsUrl, readEnv } from "../defaults.ts";
import { formatDuration } from "../durations.ts";
import { EXIT } from "../exit_codes.ts";
import { escapeControls, formatColumns } from "../terminal_text.ts";
import { print } from "../usage.ts";

interface PoolsReport {
  readonly url: string;
  /** Why the status is missing. */
  readonly error?: string;
  readonly status?: PoolStatus;
}

export async function status(args: ParsedArguments): Promise<number> {
  const url = locksUrl(args.text("url"));
  await using client = await connectLocks(url, { reconnect: false });
  const { version } = await client.version();
  const counters = Object.fromEntries((await client.send("q")).flatMap(readCounter));
  const pools = await readPoolsReport(url, args.text("pools-url"));
  const json = { url, version, counters, ...pools && { pools } };
  if (args.boolean("json")) return await print(`${JSON.stringify(json)}\n`);
  const rows = Object.entries(counters)
    .map(([name, count]) => [escapeControls(name), String(count)]);
  return await print(formatColumns([
    ["server", `Holdfast ${escapeControls(version)} at ${escapeControls(url)}`],
    ...rows,
    ...pools === undefined ? [] : [["pools", describePools(pools)]],
  ]));
}

/** Parses a line such as "command_g: 12"; returns an empty array for any other line. */
function readCounter(line: string): [string, number][] {
  const [, name, count] = /^(\S+): (\d+)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, Number(count)]];
}

/** Resolves to undefined if the port for pools is unknown: only the default server implies one. */
async function readPoolsReport(
  locks: string,
  option: string | undefined,
): Promise<PoolsReport | undefined> {
  const address = option ?? readEnv(POOLS_VARIABLE);
  if (address === undefined && locks !== LOCKS_URL) return undefined;
  const url = poolsUrl(address);
  try {
    await using client = await connectPools(url, {});
    return { url, status: await client.status() };
  } catch (error) {
    const exitError = exitErrorOf(error);
    if (exitError?.status !== EXIT.unreachable) throw error;
    return { url, error: exitError.message };
  }
}

function describePools({ url, status, error }: PoolsReport): string {
  if (status === undefined) return escapeControls(error ?? "");
  const dirty = status.isDirty ? ", with unsaved changes" : "";
  const master = status.hasMaster ? ", with a master" : "";
  return `up for ${formatDuration(status.uptimeSeconds * 1000)} at ${
    escapeControls(url)
  }${dirty}${master}`;
}
