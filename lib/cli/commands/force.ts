/** `holdfast force LOCK --why TEXT`: takes a lock away from all its holders. */
import type { ParsedArguments } from "../../args/parse.ts";
import { UsageError } from "../../args/rows.ts";
import { connectLocks } from "../connect.ts";
import { defaultName, locksUrl } from "../defaults.ts";
import { EXIT } from "../exit_codes.ts";
import { escapeControls } from "../terminal_text.ts";
import { print } from "../usage.ts";

export async function force(args: ParsedArguments): Promise<number> {
  const [lock = ""] = args.operands;
  const why = args.text("why");
  if (!why) throw new UsageError("Cannot force a lock: --why TEXT is missing; watchers see it");
  const name = args.text("name") ?? defaultName();
  await using client = await connectLocks(locksUrl(args.text("url")), { name, reconnect: false });
  const count = await client.force(lock, why);
  const text = args.boolean("json")
    ? JSON.stringify({ name: lock, count })
    : count === 0
    ? `${escapeControls(lock)} was not locked`
    : `${escapeControls(lock)} taken away from ${count} ${count === 1 ? "holder" : "holders"}`;
  const status = await print(`${text}\n`);
  return count === 0 ? EXIT.negative : status;
}
