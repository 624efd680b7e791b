/** `holdfast who [NAME]`: the connections that have chosen a name. */
import { EXIT, ExitError } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { columns, harmless } from "../terminal_text.ts";
import { print } from "../usage.ts";

export async function who(given: ParsedOptions): Promise<number> {
  const [name] = given.operands;
  // Nameless ourselves: who looks is not who is looked for.
  await using client = await connectLocks(locksUrl(given.text("url")), { reconnect: false });
  const answer = await client.send(name === undefined ? "who" : `who ${name}`);
  if (answer[0]?.startsWith("0 disabled")) {
    throw new ExitError(EXIT.denied, "the server was started with -dump=false or -registry=false");
  }
  const found = answer.map(readConnection).filter((row) => row !== undefined);
  if (given.has("json")) return await print(`${JSON.stringify(found)}\n`);
  if (found.length === 0) return EXIT.ok;
  const rows = found.map((row) => [harmless(row.name), harmless(row.address)]);
  return await print(columns([["NAME", "ADDRESS"], ...rows]));
}

/** "127.0.0.1:50112: alice". */
function readConnection(line: string): { name: string; address: string } | undefined {
  const at = line.indexOf(": ");
  return at < 0 ? undefined : { name: line.slice(at + 2), address: line.slice(0, at) };
}
