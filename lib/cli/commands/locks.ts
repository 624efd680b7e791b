/** `holdfast locks [PREFIX]`: prints a row for each holder and each waiter. */
import type { ParsedArguments } from "../../args/parse.ts";
import type { LockInfo } from "../../client/mod.ts";
import { log } from "../../log.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { formatAgo } from "../durations.ts";
import { EXIT } from "../exit_codes.ts";
import { escapeControls, formatColumns } from "../terminal_text.ts";
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
  return `${escapeControls(name)}\n`;
}

/** Returns rows in the server's order: the holders of each lock, then its wait queue. */
export function tableOf(infos: readonly LockInfo[], nowMs: number): string {
  const rows = infos.flatMap(({ name, holders, queue }) => {
    const holderRows = holders.map((holder) => [
      holder.mode,
      escapeControls(holder.name),
      formatAgo(holder.since, nowMs),
      [escapeControls(holder.why ?? ""), holder.absent ? "(disconnected)" : ""].join(" ").trim(),
    ]);
    const waiterRows = queue.map((waiter, i) => [
      `waiting #${i + 1}`,
      escapeControls(waiter.name),
      formatAgo(nowMs - waiter.waited, nowMs),
      escapeControls(waiter.why ?? ""),
    ]);
    const lock = escapeControls(name);
    return [...holderRows, ...waiterRows].map((row, i) => [i === 0 ? lock : "", ...row]);
  });
  return formatColumns([["LOCK", "MODE", "CLIENT", "SINCE", "WHY"], ...rows]);
}
