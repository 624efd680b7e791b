/** `holdfast who [NAME]`: lists the connections that have set a name. */
import type { ParsedArguments } from "../../args/parse.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { escapeControls, formatColumns } from "../terminal_text.ts";
import { print } from "../usage.ts";

export async function who(args: ParsedArguments): Promise<number> {
  const [name] = args.operands;
  // This connection sets no name, so that the list does not contain it.
  await using client = await connectLocks(locksUrl(args.text("url")), { reconnect: false });
  const lines = await client.send(name === undefined ? "who" : `who ${name}`);
  if (lines[0]?.startsWith("0 disabled")) {
    throw new ExitError(
      EXIT.denied,
      "Cannot list connections: the server was started with -dump=false or -registry=false",
    );
  }
  const connections = lines.map(readConnection).filter((row) => row !== undefined);
  if (args.boolean("json")) return await print(`${JSON.stringify(connections)}\n`);
  if (connections.length === 0) return EXIT.ok;
  const rows = connections.map((row) => [escapeControls(row.name), escapeControls(row.address)]);
  return await print(formatColumns([["NAME", "ADDRESS"], ...rows]));
}

/** Parses a line such as "127.0.0.1:50112: alice"; returns undefined for any other line. */
function readConnection(line: string): { name: string; address: string } | undefined {
  const end = line.indexOf(": ");
  return end < 0 ? undefined : { name: line.slice(end + 2), address: line.slice(0, end) };
}
