/**
 * `holdfast send [LINE...]`: sends protocol lines unchanged over one connection, and prints the
 * replies. The client has sent `hello`, so the server also accepts extended commands; replies to
 * glockd commands stay the same.
 */
import type { ParsedArguments } from "../../args/parse.ts";
import { type PoolClient, PoolError } from "../../client/mod.ts";
import { Code, readRequest } from "../../wire/looky.ts";
import { escape } from "../../wire/escapes.ts";
import { VERSION } from "../../wire/looky_text.ts";
import { log } from "../../log.ts";
import { connectLocks, connectPools } from "../connect.ts";
import { defaultName, locksUrl, poolsUrl } from "../defaults.ts";
import { EXIT } from "../exit_codes.ts";
import { escapeControls } from "../terminal_text.ts";
import { print } from "../usage.ts";
import { linesOf } from "./input_lines.ts";

interface LineReply {
  readonly lines: readonly string[];
  readonly isRefusal: boolean;
}

type Ask = (line: string) => Promise<LineReply>;

export async function send(args: ParsedArguments): Promise<number> {
  const url = args.text("url");
  if (args.boolean("pools")) {
    await using client = await connectPools(poolsUrl(url), { reconnect: false });
    return await sendLines(args, (line) => askPools(client, line));
  }
  const name = args.text("name") ?? defaultName();
  await using client = await connectLocks(locksUrl(url), { name, reconnect: false });
  return await sendLines(args, async (line) => {
    const lines = await client.send(line);
    return { lines, isRefusal: lines[0]?.startsWith("0 ") ?? false };
  });
}

/** Resolves to the exit status: 1 when the server refused any of the lines. */
async function sendLines(args: ParsedArguments, ask: Ask): Promise<number> {
  const { operands } = args;
  let exitStatus: number = EXIT.ok;
  for await (const line of operands.length > 0 ? operands : linesOf(Deno.stdin.readable)) {
    if (line.trim() === "") continue;
    const { lines, isRefusal } = await ask(line);
    if (isRefusal) exitStatus = EXIT.negative;
    const text = args.boolean("json")
      ? JSON.stringify({ line, answer: lines })
      : (log.isTerminal("stdout") ? lines.map(escapeControls) : lines).join("\n");
    if (text === "") continue; // some glockd commands have no reply
    const status = await print(`${text}\n`);
    if (status !== EXIT.ok) return status;
  }
  return exitStatus;
}

/** Resolves to the reply as it was on the wire, rebuilt from the parsed reply. */
async function askPools(client: PoolClient, line: string): Promise<LineReply> {
  const request = readRequest(line);
  if (request === undefined) return { lines: [], isRefusal: false };
  try {
    const { verb, words, native } = request;
    const { code, parameters, lines, json } = await client.ask(verb, words, { native });
    const pairs = [...parameters].map(([key, value]) => `${key}=${escape(value)}`).join(",");
    const head = `${VERSION} ${code} OK${pairs === "" ? "" : `:${pairs}`}`;
    if (code === Code.native) return { lines: [head, JSON.stringify(json)], isRefusal: false };
    return { lines: [head, ...lines], isRefusal: false };
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    const { status, message } = error;
    return { lines: [`${VERSION} ${status} ERR:message=${escape(message)}`], isRefusal: true };
  }
}
