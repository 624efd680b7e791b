/**
 * Nearly valid requests of the extended commands, and random bytes, over TCP, Unix socket and
 * WebSocket. The replies are the same for any chunks, one for each line that is not blank, and no
 * input throws.
 */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { frame, FrameReader, Opcode } from "../../lib/wire/frames.ts";
import { assert, assertEquals } from "../support/assert.ts";
import {
  dialWs,
  LINE_DIALS,
  type Random,
  randomBytes,
  randomChunks,
  type Replies,
  repliesTo,
  withoutErrors,
} from "../support/fuzzed.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const DIALOGUES = 25;
const LINE_BYTES_MAX = 300;
const VERBS =
  ("acquire acquire acquire acquire release release renew describe list watch unwatch force " +
    "deadline resume ping version help hello acquir ACQUIRE g r i sg sr si").split(" ");
const NAMES = [
  "a",
  "b",
  "a\\sb",
  "name=",
  "name=a=b",
  "\xff\x00",
  "\xc2\xa0",
  "__proto__",
  "a,b",
  "\\",
  "x".repeat(200),
];
const KEYS = [
  "mode",
  "max",
  "wait",
  "priority",
  "lease",
  "grace",
  "why",
  "secret",
  "name",
  "token",
  "",
  "mode=x",
];
const VALUES = [
  "exclusive",
  "shared",
  "read",
  "write",
  "0",
  "1",
  "-1",
  "1000",
  "forever",
  "2147483647",
  "2147483648",
  "1.5",
  "",
  "\\s",
  "a\\cb",
  "9".repeat(40),
];
const ENDS = ["\n", "\n", "\n", "\r\n", " \n", "\n\n", "\n \t\n"];

function randomLine(random: Random): string {
  if (below(random, 10) === 0) return randomBytes(random, 60);
  const words = [pick(random, VERBS)];
  for (let left = below(random, 3); left > 0; left--) words.push(pick(random, NAMES));
  for (let left = below(random, 3); left > 0; left--) {
    words.push(`${pick(random, KEYS)}=${pick(random, VALUES)}`);
  }
  return words.join(pick(random, [" ", " ", "  ", "\t"]));
}

function randomLines(random: Random): string {
  let text = "";
  for (let left = 1 + below(random, 12); left > 0; left--) {
    text += randomLine(random) + pick(random, ENDS);
  }
  return text;
}

/** Returns the replies without the parts that differ between runs. */
function normalized({ text, address }: Replies): string {
  return text.replaceAll(address, "ADDRESS").replace(/(token"?[=:])\d+/g, "$1N").replace(
    /secret=[0-9a-f]{32}/g,
    "secret=S",
  )
    .replaceAll("\r", "");
}

/** Splits lines into replies and events: an event may come between any two replies. */
function splitEvents(lines: readonly string[]): [replies: string[], events: string[]] {
  const isEvent = (line: string) => line.startsWith("* ");
  return [lines.filter((line) => !isEvent(line)), lines.filter(isEvent)];
}

function isRequest(line: string): boolean {
  return /[^\t-\r ]/.test(line);
}

/** Returns the messages in the server's frames. */
function messages({ text, address }: Replies): string[] {
  const reader = new FrameReader("server");
  reader.push(bytesOf(text.slice(text.indexOf("\r\n\r\n") + 4)));
  const found: string[] = [];
  let open = "";
  for (let event; (event = reader.next()) !== undefined;) {
    assert(event.kind !== "violation");
    if (event.kind !== "data") continue;
    open += textOf(event.bytes);
    if (!event.isLast) continue;
    found.push(normalized({ text: open, address }));
    open = "";
  }
  return found;
}

/** Returns a message in one frame, or in fragments. */
function framesOf(random: Random, text: string): string {
  const part = (opcode: number, piece: string, final: boolean) => {
    const mask = Uint8Array.from({ length: 4 }, () => below(random, 256));
    return textOf(frame(opcode, bytesOf(piece), { final, mask }));
  };
  const cut = below(random, text.length + 1);
  if (below(random, 2) === 0) return part(Opcode.binary, text, true);
  return part(Opcode.binary, text.slice(0, cut), false) +
    part(Opcode.continuation, text.slice(cut), true);
}

for (const seed of someSeeds()) {
  for (const [name, dial] of Object.entries(LINE_DIALS)) {
    Deno.test(`nearly valid requests over ${name} get the same replies for any chunks, seed ${seed}`, () =>
      withoutErrors(async () => {
        const random = seededRandom(seed);
        for (let left = DIALOGUES; left > 0; left--) {
          const text = `hello name=me\n${randomLines(random)}`;
          const message = `seed ${seed}: ${JSON.stringify(text)}`;
          const whole = normalized(await repliesTo(dial, [bytesOf(text)], LINE_BYTES_MAX))
            .split("\n").slice(
              0,
              -1,
            );
          const cut = normalized(await repliesTo(dial, randomChunks(random, text), LINE_BYTES_MAX))
            .split("\n")
            .slice(0, -1);
          assertEquals(splitEvents(cut), splitEvents(whole), message);
          const [replies] = splitEvents(whole);
          assertEquals(replies.length, text.split("\n").filter(isRequest).length, message);
          for (const reply of replies) assert(/^[01] /.test(reply), `${message}: ${reply}`);
        }
      }));
  }

  Deno.test(`nearly valid requests over websocket get the same replies for any chunks, seed ${seed}`, () =>
    withoutErrors(async () => {
      const random = seededRandom(seed);
      for (let left = DIALOGUES; left > 0; left--) {
        const texts = [
          "hello",
          ...Array.from({ length: 1 + below(random, 4) }, () => randomLines(random)),
        ];
        const close = textOf(frame(Opcode.close, bytesOf("\x03\xe8"), { mask: new Uint8Array(4) }));
        const sent = HANDSHAKE + texts.map((text) => framesOf(random, text)).join("") + close;
        const message = `seed ${seed}: ${JSON.stringify(texts)}`;
        const whole = messages(await repliesTo(dialWs, [bytesOf(sent)], LINE_BYTES_MAX));
        const cut = messages(await repliesTo(dialWs, randomChunks(random, sent), LINE_BYTES_MAX));
        const [[replies], [cutReplies]] = [splitEvents(whole), splitEvents(cut)];
        assertEquals(cutReplies, replies, message);
        const events = (all: string[]) => splitEvents(all)[1].join("").split("\n");
        assertEquals(events(cut), events(whole), message);
        const counts = replies.map((reply) => reply.split("\n").filter(isRequest).length);
        assertEquals(
          counts,
          texts.map((text) => text.split("\n").filter(isRequest).length),
          message,
        );
      }
    }));
}
