/**
 * Any bytes give replies or silence, never an exception, and the same ones for any chunking: over
 * TCP, the Unix socket and WebSocket. And bytes that are no WebSocket at all harm nobody else.
 */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { frame, FrameReader, Opcode } from "../../lib/wire/frames.ts";
import { assertEquals } from "../support/assert.ts";
import {
  type Answers,
  answers,
  anyBytes,
  anyChunks,
  dialWs,
  hear,
  LINE_DIALS,
  type Random,
  withoutErrors,
} from "../support/fuzzed.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";
import { startInner } from "../support/server.ts";

const DIALOGUES = 120;
const MAX_LINE = 256;
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

/** Lines that are mostly nearly right, and some that are anything. */
function anyLines(random: Random): string {
  let text = "";
  for (let left = 1 + below(random, 12); left > 0; left--) {
    text += below(random, 8) === 0
      ? anyBytes(random, 60)
      : `${pick(random, VERBS)} ${pick(random, NAMES)}${pick(random, ENDS)}`;
  }
  return text;
}

/** Messages in frames, some in fragments with a ping between. */
function anyFrames(random: Random): string {
  const part = (opcode: number, text: string, final = true) => {
    const mask = Uint8Array.from({ length: 4 }, () => below(random, 256));
    return textOf(frame(opcode, bytesOf(text), { final, mask }));
  };
  let text = "";
  for (let left = 1 + below(random, 6); left > 0; left--) {
    const opcode = pick(random, [Opcode.text, Opcode.binary]);
    if (below(random, 3) > 0) text += part(opcode, anyLines(random));
    else {
      text += part(opcode, anyLines(random), false) + part(Opcode.ping, "p") +
        part(Opcode.continuation, anyLines(random));
    }
  }
  return text + part(Opcode.close, "\x03\xe8");
}

function lines({ text, address }: Answers): string[] {
  return text.replaceAll(address, "ADDRESS").split("\n");
}

/** What is in the server's frames, up to the first it should not have sent. */
function messages({ text, address }: Answers): string[] {
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
    Deno.test(`any bytes, any chunking over ${name}, seed ${seed}`, () =>
      withoutErrors(async () => {
        const random = seededRandom(seed);
        for (let left = DIALOGUES; left > 0; left--) {
          const text = anyLines(random);
          const whole = lines(await answers(dial, [bytesOf(text)], MAX_LINE));
          const cut = lines(await answers(dial, anyChunks(random, text), MAX_LINE));
          assertEquals(cut, whole, `seed ${seed}`);
        }
      }));
  }

  Deno.test(`any messages, any chunking over websocket, seed ${seed}`, () =>
    withoutErrors(async () => {
      const random = seededRandom(seed);
      for (let left = DIALOGUES; left > 0; left--) {
        const text = HANDSHAKE + anyFrames(random);
        const whole = messages(await answers(dialWs, [bytesOf(text)], MAX_LINE));
        const cut = messages(await answers(dialWs, anyChunks(random, text), MAX_LINE));
        assertEquals(cut, whole, `seed ${seed}`);
        assertEquals(whole.at(-1), "close \x03\xe8", `seed ${seed}`);
      }
    }));

  Deno.test(`junk on the WebSocket port harms nobody, seed ${seed}`, () =>
    withoutErrors(async () => {
      const random = seededRandom(seed);
      await using server = await startInner();
      for (let left = DIALOGUES; left > 0; left--) {
        const conn = await dialWs(server);
        const heard = hear(conn);
        const text = pick(random, ["", HANDSHAKE]) + anyBytes(random, 3000);
        await conn.write(bytesOf(text)).catch(() => {});
        await conn.closeWrite().catch(() => {});
        await heard;
        conn.close();
      }
      const witness = await LINE_DIALS.tcp(server);
      await witness.write(bytesOf("i a\nq\n"));
      await witness.closeWrite();
      const [first, ...counters] = (await hear(witness)).split("\n");
      witness.close();
      assertEquals(first, "0 Lock Not Locked: a\r");
      assertEquals(counters.filter((line) => /^connections|^locks/.test(line)), [
        "connections: 1",
        "locks: 0",
      ]);
    }));
}
