/** `holdfast force LOCK --why TEXT`: takes a lock away from all who hold it. */
import { UsageError } from "../../server/flags.ts";
import { EXIT } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectLocks } from "../connect.ts";
import { defaultName, locksUrl } from "../defaults.ts";
import { harmless } from "../terminal_text.ts";
import { print } from "../usage.ts";

export async function force(given: ParsedOptions): Promise<number> {
  const [lock = ""] = given.operands;
  const why = given.text("why");
  if (!why) throw new UsageError("--why must tell the reason: those who watch are told");
  const name = given.text("name") ?? defaultName();
  await using client = await connectLocks(locksUrl(given.text("url")), { name, reconnect: false });
  const count = await client.force(lock, why);
  const text = given.has("json")
    ? JSON.stringify({ name: lock, count })
    : count === 0
    ? `${harmless(lock)} was not locked`
    : `${harmless(lock)} taken away from ${count} ${count === 1 ? "holder" : "holders"}`;
  const status = await print(`${text}\n`);
  return count === 0 ? EXIT.no : status;
}
