/** `holdfast locks [PREFIX]`: a row for each holder and each waiter. */
import type { ParsedArguments } from "../../args/parse.ts";
import type { LockInfo } from "../../client/mod.ts";
import { log } from "../../log.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { formatAgo } from "../durations.ts";
import { EXIT } from "../exit_codes.ts";
import { formatColumns, harmless } from "../terminal_text.ts";
import { print } from "../usage.ts";

export async function locks(args: ParsedArguments): Promise<number> {
  await using client = await connectLocks(locksUrl(args.text("url")), { reconnect: false });
  const infos = await client.list(args.operands[0] ?? "");
  if (args.boolean("json")) return await print(`${JSON.stringify(infos)}\n`);
  if (args.boolean("names")) return await print(infos.map(nameLine).join(""));
  if (infos.length > 0) return await print(tableOf(infos, Date.now()));
  if (log.isTerminal("stdout")) log.info("Nothing is locked.", "stderr");
  return EXIT.ok;
}

function nameLine({ name }: LockInfo): string {
  return `${harmless(name)}\n`;
}

/** In the server's order: a lock's holders, then its wait queue. */
export function tableOf(infos: readonly LockInfo[], nowMs: number): string {
  const rows = infos.flatMap(({ name, holders, queue }) => {
    const holderRows = holders.map((holder) => [
      holder.mode,
      harmless(holder.name),
      formatAgo(holder.since, nowMs),
      [harmless(holder.why ?? ""), holder.absent ? "(disconnected)" : ""].join(" ").trim(),
    ]);
    const waiterRows = queue.map((waiter, i) => [
      `waiting #${i + 1}`,
      harmless(waiter.name),
      formatAgo(nowMs - waiter.waited, nowMs),
      harmless(waiter.why ?? ""),
    ]);
    return [...holderRows, ...waiterRows].map((row, i) => [i === 0 ? harmless(name) : "", ...row]);
  });
  return formatColumns([["LOCK", "MODE", "CLIENT", "SINCE", "WHY"], ...rows]);
}
