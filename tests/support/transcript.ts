/**
 * Dialogues in the notation of the protocol documents: reading them, and playing them.
 *
 *     # Why, in a sentence: the title; more such lines may follow.
 *     with -dump=false            flags the server is started with; {data} is the folder tests/data,
 *                                 {copy} a copy of it that the server may write to
 *     client1> sg foo             the client sends a line
 *     client1< 1 Shared Lock...   the server sends exactly this line; "client1<" is an empty one
 *     client1 leaves              the client goes; what follows happens after the server has seen it
 *     client1 is left             the server ends the connection
 *     client1 waits               the server has put its request off, until others let it go on
 *     advance 3600 sec            the clock is turned; it begins at 2003-04-18 / 11:20:26
 *     sales.conf says key:value   that file of {copy} has this line now; "lacks": it has not
 *
 * A blank line ends a dialogue. {client1} is that client's address, {unix 2003-04-18 / 11:20:26} a
 * moment in seconds since 1970, {until 2003-04-18 / 11:20:26} the parameters date and expires for it,
 * {session client1} and {secret client1} what that client was told at its hello, {any} anything; \xNN is a byte, \\ a backslash.
 * Silence is judged too: a line that nobody expected is a failure, at the latest when its client
 * leaves, as all do at the end. LF and CRLF are the same here; the recorded dialogues tell them apart.
 */
import { textOf } from "../../lib/wire/bytes.ts";
import type { Protocol } from "../../lib/server/services.ts";
import { assertEquals, assertMatch } from "./assert.ts";
import { startInner } from "./server.ts";
import { type Talker, type TransportName, TRANSPORTS } from "./talkers.ts";

type Step =
  | { readonly kind: "send" | "expect"; readonly client: string; readonly text: string }
  | { readonly kind: "leave" | "left" | "waits"; readonly client: string }
  | { readonly kind: "advance"; readonly seconds: number }
  | { readonly kind: "file"; readonly file: string; readonly has: boolean; readonly line: string };

const DATA = new URL("../data/", import.meta.url).pathname;
const COPY = "{copy}";

export interface Dialogue {
  readonly title: string;
  readonly flags: readonly string[];
  readonly steps: readonly (Step & { readonly at: string })[];
}

/** Reads a file of dialogues; `name` is for messages. */
export function readDialogues(name: string, text: string): Dialogue[] {
  const dialogues: Dialogue[] = [];
  const blocks = text.split("\n").map((line, i) => ({ line, at: `${name}:${i + 1}` }));
  let block: typeof blocks = [];
  for (const numbered of [...blocks, { line: "", at: "" }]) {
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
  const [, left] = /^(\w+) is left$/.exec(line) ?? [];
  if (left !== undefined) return { kind: "left", client: left };
  const [, waiter] = /^(\w+) waits$/.exec(line) ?? [];
  if (waiter !== undefined) return { kind: "waits", client: waiter };
  const [, seconds] = /^advance (\d+(?:\.\d+)?) sec$/.exec(line) ?? [];
  if (seconds !== undefined) return { kind: "advance", seconds: Number(seconds) };
  const [, file, verb, said] = /^([\w.]+) (says|lacks) (.*)$/.exec(line) ?? [];
  if (file !== undefined) return { kind: "file", file, has: verb === "says", line: said! };
  const [, client, mark, text = ""] = /^(\w+)([<>])(?: (.*))?$/.exec(line) ?? [];
  if (client === undefined) throw new SyntaxError(`Cannot read "${line}" (${at})`);
  return { kind: mark === ">" ? "send" : "expect", client, text: bytesText(text) };
}

/** UTF-8 of the file to one character a byte, with \xNN and \\ resolved. */
function bytesText(text: string): string {
  return textOf(new TextEncoder().encode(text))
    .replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, hex) => hex ? String.fromCharCode(+`0x${hex}`) : "\\");
}

/** The moment that a text like "2003-04-18 / 11:20:26" means, in seconds since 1970. */
function unixSeconds(text: string): string {
  return String(new Date(text.replace(" / ", "T")).getTime() / 1000);
}

function assertLine(heard: string, expected: string, at: string): void {
  if (!expected.includes("{any}")) return assertEquals(heard, expected, at);
  const parts = expected.split("{any}").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  assertMatch(heard, new RegExp(`^${parts.join(".*")}$`, "s"), at);
}

/** The parameters that tell when a session ends. */
function untilParameters(date: string): string {
  return `date=${date.replaceAll(" ", "\\s")},expires=${unixSeconds(date)}`;
}

/** A copy of the folder tests/data, gone afterwards. */
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
  const talkers = new Map<string, Talker>();
  /** How often each client has waited. */
  const waits = new Map<string, number>();
  /** What each client was told when it last said hello. */
  const greetings = new Map<string, Record<string, string>>();
  const resolve = (text: string) =>
    text.replace(/\{unix ([^}]+)\}/g, (_, date) => unixSeconds(date))
      .replace(/\{until ([^}]+)\}/g, (_, date) => untilParameters(date))
      .replace(/\{(session|secret) (\w+)\}/g, (_, key, name) => greetings.get(name)?.[key] ?? "?")
      .replace(/\{(\w+)\}/g, (found, name) => talkers.get(name)?.address ?? found);
  const leave = async (name: string, at: string) => {
    const talker = talkers.get(name)!;
    talkers.delete(name);
    assertEquals(await talker.leave(), [], `${at}: unexpected lines for ${name}`);
    await server.events.until(`${talker.address} disconnected`);
  };
  let silent = "";
  for (const step of dialogue.steps) {
    if (step.kind === "waits") {
      const times = (waits.get(step.client) ?? 0) + 1;
      waits.set(step.client, times);
      await server.events.untilTold(`${talkers.get(step.client)!.address} waits for `, times);
      silent = "";
      continue;
    }
    if (silent !== "" && (!("client" in step) || silent !== step.client)) {
      throw new Error(`${step.at}: ${silent} awaits no reply, so the order is left to chance`);
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
    let talker = talkers.get(step.client);
    if (talker === undefined) {
      talker = await TRANSPORTS[transport](server, protocol);
      talkers.set(step.client, talker);
    }
    silent = "";
    if (step.kind === "leave") await leave(step.client, step.at);
    else if (step.kind === "left") await talker.left();
    else if (step.kind === "send") {
      await talker.say(resolve(step.text));
      silent = step.client;
    } else if (step.kind === "expect") {
      const heard = await talker.hear();
      const greeting = /^1 hello .*session=(?<session>\d+) secret=(?<secret>\w+)$/.exec(heard);
      if (greeting !== null) greetings.set(step.client, greeting.groups!);
      assertLine(heard, resolve(step.text), step.at);
    }
  }
  for (const name of [...talkers.keys()]) await leave(name, "at the end");
}
