/**
 * `holdfast send [LINE...]`: lines of the protocols as they are, on one connection, and their
 * answers. The connection has said hello, so old words and new ones are understood; what the old
 * ones answer is not changed by that.
 */
import { type PoolClient, PoolError } from "../../client/mod.ts";
import { Code, readRequest } from "../../wire/looky.ts";
import { escape } from "../../wire/escapes.ts";
import { VERSION } from "../../wire/looky_text.ts";
import { log } from "../../log.ts";
import { EXIT } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectLocks, connectPools } from "../connect.ts";
import { defaultName, locksUrl, poolsUrl } from "../defaults.ts";
import { harmless } from "../terminal_text.ts";
import { print } from "../usage.ts";
import { linesOf } from "./input_lines.ts";

interface Answer {
  readonly lines: readonly string[];
  /** Whether it is one of those that say no. */
  readonly isNo: boolean;
}

type Ask = (line: string) => Promise<Answer>;

export async function send(given: ParsedOptions): Promise<number> {
  const url = given.text("url");
  if (given.has("pools")) {
    await using client = await connectPools(poolsUrl(url), { reconnect: false });
    return await talk(given, (line) => askPools(client, line));
  }
  const name = given.text("name") ?? defaultName();
  await using client = await connectLocks(locksUrl(url), { name, reconnect: false });
  return await talk(given, async (line) => {
    const lines = await client.send(line);
    return { lines, isNo: lines[0]?.startsWith("0 ") ?? false };
  });
}

/** Resolves to 1 when any answer was a no. */
async function talk(given: ParsedOptions, ask: Ask): Promise<number> {
  const { operands } = given;
  let worst: number = EXIT.ok;
  for await (const line of operands.length > 0 ? operands : linesOf(Deno.stdin.readable)) {
    if (line.trim() === "") continue;
    const { lines, isNo } = await ask(line);
    if (isNo) worst = EXIT.no;
    const text = given.has("json")
      ? JSON.stringify({ line, answer: lines })
      : (log.isTerminal("stdout") ? lines.map(harmless) : lines).join("\n");
    if (text === "") continue; // some old words are answered by nothing
    const status = await print(`${text}\n`);
    if (status !== EXIT.ok) return status;
  }
  return worst;
}

/** The reply as it was on the wire: the client has read it, so it is written once more. */
async function askPools(client: PoolClient, line: string): Promise<Answer> {
  const request = readRequest(line);
  if (request === undefined) return { lines: [], isNo: false };
  try {
    const { verb, words, native } = request;
    const { code, parameters, lines, json } = await client.ask(verb, words, { native });
    const pairs = [...parameters].map(([key, value]) => `${key}=${escape(value)}`).join(",");
    const head = `${VERSION} ${code} OK${pairs === "" ? "" : `:${pairs}`}`;
    if (code === Code.native) return { lines: [head, JSON.stringify(json)], isNo: false };
    return { lines: [head, ...lines], isNo: false };
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    const { status, message } = error;
    return { lines: [`${VERSION} ${status} ERR:message=${escape(message)}`], isNo: true };
  }
}
