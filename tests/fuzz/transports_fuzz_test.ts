/**
 * Random bytes over TCP, Unix socket and WebSocket never throw, and get the same replies, or none,
 * for any chunks. On the WebSocket port, other bytes do not affect other connections.
 */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { frame, FrameReader, Opcode } from "../../lib/wire/frames.ts";
import { assertEquals } from "../support/assert.ts";
import {
  dialWs,
  LINE_DIALS,
  type Random,
  randomBytes,
  randomChunks,
  readAll,
  type Replies,
  repliesTo,
  withoutErrors,
} from "../support/fuzzed.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";
import { startInner } from "../support/server.ts";

const DIALOGUES = 120;
const LINE_BYTES_MAX = 256;
const VERBS = "g r i d sg sr si sd dump me iam who q hallo G".split(" ");
const NAMES = [
  "a",
  "b",
  "",
  "a  b",
  "\xff\x00",
  "\xc2\xa0x",
  "__proto__",
  "shared",
  "x".repeat(300),
];
const ENDS = ["\n", "\n", "\r\n", "\r", " \n"];

/** Returns lines that are mostly nearly valid, and some of random bytes. */
function randomLines(random: Random): string {
  let text = "";
  for (let left = 1 + below(random, 12); left > 0; left--) {
    text += below(random, 8) === 0
      ? randomBytes(random, 60)
      : `${pick(random, VERBS)} ${pick(random, NAMES)}${pick(random, ENDS)}`;
  }
  return text;
}

/** Returns messages in frames, some in fragments with a ping between. */
function randomFrames(random: Random): string {
  const part = (opcode: number, text: string, final = true) => {
    const mask = Uint8Array.from({ length: 4 }, () => below(random, 256));
    return textOf(frame(opcode, bytesOf(text), { final, mask }));
  };
  let text = "";
  for (let left = 1 + below(random, 6); left > 0; left--) {
    const opcode = pick(random, [Opcode.text, Opcode.binary]);
    if (below(random, 3) > 0) text += part(opcode, randomLines(random));
    else {
      text += part(opcode, randomLines(random), false) + part(Opcode.ping, "p") +
        part(Opcode.continuation, randomLines(random));
    }
  }
  return text + part(Opcode.close, "\x03\xe8");
}

function lines({ text, address }: Replies): string[] {
  return text.replaceAll(address, "ADDRESS").split("\n");
}

/** Returns the events in the server's frames, up to the first violation. */
function messages({ text, address }: Replies): string[] {
  const head = text.indexOf("\r\n\r\n") + 4;
  const found = [text.slice(0, head)];
  const reader = new FrameReader("server");
  reader.push(bytesOf(text.slice(head)));
  for (let event; (event = reader.next()) !== undefined;) {
    const content = event.kind === "violation" ? event.reason : textOf(event.bytes);
    found.push(`${event.kind} ${content.replaceAll(address, "ADDRESS")}`);
    if (event.kind === "violation") break;
  }
  return found;
}

for (const seed of someSeeds()) {
  for (const [name, dial] of Object.entries(LINE_DIALS)) {
    Deno.test(`any bytes over ${name} get the same replies for any chunks, seed ${seed}`, () =>
      withoutErrors(async () => {
        const random = seededRandom(seed);
        for (let left = DIALOGUES; left > 0; left--) {
          const text = randomLines(random);
          const whole = lines(await repliesTo(dial, [bytesOf(text)], LINE_BYTES_MAX));
          const cut = lines(await repliesTo(dial, randomChunks(random, text), LINE_BYTES_MAX));
          assertEquals(cut, whole, `seed ${seed}`);
        }
      }));
  }

  Deno.test(`any messages over websocket get the same replies for any chunks, seed ${seed}`, () =>
    withoutErrors(async () => {
      const random = seededRandom(seed);
      for (let left = DIALOGUES; left > 0; left--) {
        const text = HANDSHAKE + randomFrames(random);
        const whole = messages(await repliesTo(dialWs, [bytesOf(text)], LINE_BYTES_MAX));
        const cut = messages(await repliesTo(dialWs, randomChunks(random, text), LINE_BYTES_MAX));
        assertEquals(cut, whole, `seed ${seed}`);
        assertEquals(whole.at(-1), "close \x03\xe8", `seed ${seed}`);
      }
    }));

  Deno.test(`bytes that are not WebSocket do not affect other connections, seed ${seed}`, () =>
    withoutErrors(async () => {
      const random = seededRandom(seed);
      await using server = await startInner();
      for (let left = DIALOGUES; left > 0; left--) {
        const conn = await dialWs(server);
        const received = readAll(conn);
        const text = pick(random, ["", HANDSHAKE]) + randomBytes(random, 3000);
        await conn.write(bytesOf(text)).catch(() => {});
        await conn.closeWrite().catch(() => {});
        await received;
        conn.close();
      }
      const other = await LINE_DIALS.tcp(server);
      await other.write(bytesOf("i a\nq\n"));
      await other.closeWrite();
      const [first, ...counters] = (await readAll(other)).split("\n");
      other.close();
      assertEquals(first, "0 Lock Not Locked: a\r");
      assertEquals(counters.filter((line) => /^connections|^locks/.test(line)), [
        "connections: 1",
        "locks: 0",
      ]);
    }));
}
