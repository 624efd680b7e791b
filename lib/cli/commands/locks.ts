/** `holdfast locks [PREFIX]`: a row for each holder and each waiter. */
import type { LockInfo } from "../../client/mod.ts";
import { log } from "../../log.ts";
import { EXIT } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { columns, harmless } from "../terminal_text.ts";
import { writeAgo } from "../durations.ts";
import { print } from "../usage.ts";

export async function locks(given: ParsedOptions): Promise<number> {
  await using client = await connectLocks(locksUrl(given.text("url")), { reconnect: false });
  const infos = await client.list(given.operands[0] ?? "");
  if (given.has("json")) return await print(`${JSON.stringify(infos)}\n`);
  if (given.has("names")) return await print(infos.map(nameLine).join(""));
  if (infos.length > 0) return await print(tableOf(infos, Date.now()));
  if (log.isTerminal("stdout")) log.say("Nothing is locked.", "stderr");
  return EXIT.ok;
}

function nameLine({ name }: LockInfo): string {
  return `${harmless(name)}\n`;
}

/** In the order of the server. */
export function tableOf(infos: readonly LockInfo[], nowMs: number): string {
  const rows = infos.flatMap(({ name, holders, queue }) => {
    const holding = holders.map((holder) => [
      holder.mode,
      harmless(holder.name),
      writeAgo(holder.since, nowMs),
      [harmless(holder.why ?? ""), holder.absent ? "(its connection is gone)" : ""].join(" ")
        .trim(),
    ]);
    const waiting = queue.map((waiter, i) => [
      `waits, ${i + 1}.`,
      harmless(waiter.name),
      writeAgo(nowMs - waiter.waited, nowMs),
      harmless(waiter.why ?? ""),
    ]);
    return [...holding, ...waiting].map((row, i) => [i === 0 ? harmless(name) : "", ...row]);
  });
  return columns([["LOCK", "MODE", "WHO", "SINCE", "WHY"], ...rows]);
}
