/**
 * Reads and plays dialogues in the notation of the protocol documents:
 *
 *     # A sentence.               the title; more comment lines may follow
 *     with -dump=false            flags of the server; {data} is the folder tests/data, {copy} a copy
 *                                 of it that the server may write to
 *     client1> sg foo             the client sends a line
 *     client1< 1 Shared Lock...   the server sends exactly this line; "client1<" is an empty one
 *     client1 leaves              the client closes; the next step runs after the server has seen it
 *     client1 is left             the server closes the connection
 *     client1 waits               the client's request waits for other clients
 *     advance 3600 sec            the clock advances; it begins at 2003-04-18 / 11:20:26
 *     sales.conf says key:value   that file of {copy} has this line; "lacks": it does not
 *
 * A blank line ends a dialogue. {client1} is the address of that client; {session client1} and
 * {secret client1} are from the reply to its last hello. {unix 2003-04-18 / 11:20:26} is a time in
 * seconds since 1970, {until 2003-04-18 / 11:20:26} the parameters date and expires for it. {any}
 * matches anything; \xNN is a byte, \\ a backslash.
 *
 * An unexpected line is a failure, at the latest when its client leaves, as all clients do at the
 * end. LF and CRLF are the same here; the recorded dialogues distinguish them.
 */
import { textOf } from "../../lib/wire/bytes.ts";
import type { Protocol } from "../../lib/server/services.ts";
import { assertEquals, assertMatch } from "./assert.ts";
import { startInner } from "./server.ts";
import { type TransportClient, type TransportName, TRANSPORTS } from "./transport_clients.ts";

type Step =
  | { readonly kind: "send" | "expect"; readonly client: string; readonly text: string }
  | { readonly kind: "leave" | "closed" | "waits"; readonly client: string }
  | { readonly kind: "advance"; readonly seconds: number }
  | { readonly kind: "file"; readonly file: string; readonly has: boolean; readonly line: string };

const DATA = new URL("../data/", import.meta.url).pathname;
const COPY = "{copy}";

export interface Dialogue {
  readonly title: string;
  readonly flags: readonly string[];
  readonly steps: readonly (Step & { readonly at: string })[];
}

/** Reads a file of dialogues; `name` appears in error messages. */
export function readDialogues(name: string, text: string): Dialogue[] {
  const dialogues: Dialogue[] = [];
  const numberedLines = text.split("\n").map((line, i) => ({ line, at: `${name}:${i + 1}` }));
  let block: typeof numberedLines = [];
  for (const numbered of [...numberedLines, { line: "", at: "" }]) {
    if (numbered.line.trim() !== "") block.push(numbered);
    else if (block.length > 0) {
      dialogues.push(readDialogue(block));
      block = [];
    }
  }
  return dialogues;
}

function readDialogue(lines: { line: string; at: string }[]): Dialogue {
  const title = lines[0]!.line.replace(/^# /, "");
  const flags = lines.flatMap(({ line }) => /^with (.*)$/.exec(line)?.[1]?.split(" ") ?? [])
    .map((flag) => flag.replace("{data}", DATA));
  const steps = lines
    .filter(({ line }) => !/^#|^with /.test(line))
    .map(({ line, at }) => ({ ...readStep(line, at), at }));
  return { title, flags, steps };
}

function readStep(line: string, at: string): Step {
  const [, leaver] = /^(\w+) leaves$/.exec(line) ?? [];
  if (leaver !== undefined) return { kind: "leave", client: leaver };
  const [, closed] = /^(\w+) is left$/.exec(line) ?? [];
  if (closed !== undefined) return { kind: "closed", client: closed };
  const [, waiter] = /^(\w+) waits$/.exec(line) ?? [];
  if (waiter !== undefined) return { kind: "waits", client: waiter };
  const [, seconds] = /^advance (\d+(?:\.\d+)?) sec$/.exec(line) ?? [];
  if (seconds !== undefined) return { kind: "advance", seconds: Number(seconds) };
  const [, file, verb, content] = /^([\w.]+) (says|lacks) (.*)$/.exec(line) ?? [];
  if (file !== undefined) return { kind: "file", file, has: verb === "says", line: content! };
  const [, client, mark, text = ""] = /^(\w+)([<>])(?: (.*))?$/.exec(line) ?? [];
  if (client === undefined) throw new SyntaxError(`Cannot read "${line}" (${at})`);
  return { kind: mark === ">" ? "send" : "expect", client, text: bytesText(text) };
}

/** Converts text of the file to one character per byte, and resolves \xNN and \\. */
function bytesText(text: string): string {
  return textOf(new TextEncoder().encode(text))
    .replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, hex) => hex ? String.fromCharCode(+`0x${hex}`) : "\\");
}

/** Converts text like "2003-04-18 / 11:20:26" to seconds since 1970. */
function unixSeconds(text: string): string {
  return String(new Date(text.replace(" / ", "T")).getTime() / 1000);
}

function assertLine(received: string, expected: string, at: string): void {
  if (!expected.includes("{any}")) return assertEquals(received, expected, at);
  const parts = expected.split("{any}").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  assertMatch(received, new RegExp(`^${parts.join(".*")}$`, "s"), at);
}

/** Returns the parameters for the end of a session. */
function untilParameters(date: string): string {
  return `date=${date.replaceAll(" ", "\\s")},expires=${unixSeconds(date)}`;
}

/** Copies the folder tests/data; disposing removes the copy. */
async function copyData(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = `${await Deno.makeTempDir({ prefix: "holdfast-" })}/`;
  for (const { name } of Deno.readDirSync(DATA)) await Deno.copyFile(DATA + name, folder + name);
  const dispose = () => Deno.remove(folder, { recursive: true });
  return { folder, [Symbol.asyncDispose]: dispose };
}

/** Plays a dialogue against a server of its own. */
export async function playDialogue(
  dialogue: Dialogue,
  transport: TransportName,
  protocol: Protocol = "glockd",
): Promise<void> {
  const needsCopy = dialogue.flags.some((flag) => flag.includes(COPY));
  await using copy = needsCopy ? await copyData() : undefined;
  const folder = copy?.folder ?? "";
  await using server = await startInner(dialogue.flags.map((flag) => flag.replace(COPY, folder)));
  const clients = new Map<string, TransportClient>();
  /** The number of waits of each client so far. */
  const waits = new Map<string, number>();
  /** The values in the last reply to hello of each client. */
  const greetings = new Map<string, Record<string, string>>();
  const resolve = (text: string) =>
    text.replace(/\{unix ([^}]+)\}/g, (_, date) => unixSeconds(date))
      .replace(/\{until ([^}]+)\}/g, (_, date) => untilParameters(date))
      .replace(/\{(session|secret) (\w+)\}/g, (_, key, name) => greetings.get(name)?.[key] ?? "?")
      .replace(/\{(\w+)\}/g, (found, name) => clients.get(name)?.address ?? found);
  const leave = async (name: string, at: string) => {
    const client = clients.get(name)!;
    clients.delete(name);
    assertEquals(await client.close(), [], `${at}: unexpected lines for ${name}`);
    await server.events.until(`${client.address} disconnected`);
  };
  let pending = "";
  for (const step of dialogue.steps) {
    if (step.kind === "waits") {
      const times = (waits.get(step.client) ?? 0) + 1;
      waits.set(step.client, times);
      await server.events.untilCount(`${clients.get(step.client)!.address} waits for `, times);
      pending = "";
      continue;
    }
    if (pending !== "" && (!("client" in step) || pending !== step.client)) {
      throw new Error(
        `${step.at}: ${pending} awaits no reply, so the order of the requests is not defined`,
      );
    }
    if (step.kind === "file") {
      const lines = Deno.readTextFileSync(folder + step.file).split("\n");
      assertEquals(lines.includes(step.line), step.has, `${step.at}: ${lines.join("\n")}`);
      continue;
    }
    if (step.kind === "advance") {
      server.clock.nowMs += 1000 * step.seconds;
      continue;
    }
    let client = clients.get(step.client);
    if (client === undefined) {
      client = await TRANSPORTS[transport](server, protocol);
      clients.set(step.client, client);
    }
    pending = "";
    if (step.kind === "leave") await leave(step.client, step.at);
    else if (step.kind === "closed") await client.untilClosed();
    else if (step.kind === "send") {
      await client.send(resolve(step.text));
      pending = step.client;
    } else if (step.kind === "expect") {
      const received = await client.receive();
      const greeting = /^1 hello .*session=(?<session>\d+) secret=(?<secret>\w+)$/.exec(received);
      if (greeting !== null) greetings.set(step.client, greeting.groups!);
      assertLine(received, resolve(step.text), step.at);
    }
  }
  for (const name of [...clients.keys()]) await leave(name, "at the end");
}
