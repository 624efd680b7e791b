/** WebSocket frames, written and read back in any chunks. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { closePayload, frame, Opcode } from "../../lib/wire/frames.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { type Bytes, CUTS, randomCut } from "../support/chunks.ts";
import {
  FrameCollector,
  type FrameRecord,
  join,
  MASK,
  maskOf,
  readFrames,
  type Side,
} from "../support/frames.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("frame() writes the examples of RFC 6455 section 5.7", () => {
  const hello = bytesOf("Hello");
  const { text, continuation, ping, pong, binary } = Opcode;
  const examples: [Bytes, string][] = [
    [frame(text, hello), "\x81\x05Hello"],
    [frame(text, hello, { mask: MASK }), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"],
    [frame(text, bytesOf("Hel"), { final: false }), "\x01\x03Hel"],
    [frame(continuation, bytesOf("lo")), "\x80\x02lo"],
    [frame(ping, hello), "\x89\x05Hello"],
    [frame(pong, hello, { mask: MASK }), "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"],
    [frame(binary, new Uint8Array(256)).subarray(0, 4), "\x82\x7e\x01\x00"],
    [frame(binary, new Uint8Array(65536)).subarray(0, 10), "\x82\x7f\0\0\0\0\0\x01\0\0"],
    [frame(Opcode.close, closePayload(1002)), "\x88\x02\x03\xea"],
  ];
  for (const [bytes, expected] of examples) assertEquals(textOf(bytes), expected);
  assertEquals(textOf(hello), "Hello", "the payload was changed");
});

Deno.test("frame() writes every length in its shortest form", () => {
  const headers = [[0, 2], [125, 2], [126, 4], [65535, 4], [65536, 10]] as const;
  for (const [length, headerBytes] of headers) {
    const payload = new Uint8Array(length);
    assertEquals(frame(Opcode.text, payload).length, headerBytes + length);
    assertEquals(frame(Opcode.text, payload, { mask: MASK }).length, headerBytes + 4 + length);
  }
});

for (const side of ["client", "server"] as const) {
  const options = maskOf(side);
  const message = (text: string) => frame(Opcode.text, bytesOf(text), options);

  for (const [title, cut] of CUTS) {
    Deno.test(`FrameReader reads frames of any length from a ${side}, ${title}`, () => {
      for (const length of [0, 1, 63, 64, 65, 125, 126, 127, 65535, 65536, 200_000]) {
        const text = "Names are bytes: \xff\xa0\0. ".repeat(length / 20 + 1).slice(0, length);
        for (const opcode of [Opcode.text, Opcode.binary]) {
          const bytes = join([frame(opcode, bytesOf(text), options), message("next")]);
          const [first, next, ...more] = readFrames(side, cut(bytes));
          assertEquals(first?.[0], "message", `length ${length}`);
          assert(first?.[1] === text, `the payload differs, length ${length}`);
          assertEquals([next, ...more], [["message", "next"]], `length ${length}`);
        }
      }
    });

    Deno.test(`FrameReader keeps part of a frame from a ${side}, split anywhere, ${title}`, () => {
      const long = "0123456789".repeat(13);
      const tail = message(long);
      for (let at = 0; at < tail.length; at++) {
        const listener = new FrameCollector(side).read(
          cut(join([message("a"), tail.subarray(0, at)])),
        );
        assertEquals(listener.records, [["message", "a"]]);
        listener.read(cut(tail.slice(at)));
        assertEquals(listener.records, [["message", "a"], ["message", long]]);
      }
    });

    Deno.test(`FrameReader reads control frames of a ${side} between fragments, ${title}`, () => {
      const part = (opcode: number, text: string, final: boolean) =>
        frame(opcode, bytesOf(text), { ...options, final });
      const bytes = join([
        part(Opcode.binary, "He", false),
        part(Opcode.ping, "", true),
        part(Opcode.continuation, "", false),
        part(Opcode.pong, "\0\xff".repeat(62) + ".", true),
        part(Opcode.continuation, "ll", false),
        part(Opcode.ping, "again", true),
        part(Opcode.continuation, "o", true),
        part(Opcode.text, "", false),
        part(Opcode.continuation, "", true),
        part(Opcode.close, "", true),
      ]);
      assertEquals(readFrames(side, cut(bytes)), [
        ["ping", ""],
        ["pong", "\0\xff".repeat(62) + "."],
        ["ping", "again"],
        ["message", "Hello"],
        ["message", ""],
        ["close", ""],
      ]);
    });
  }
}

/** Returns messages in fragments with control frames between them, and the expected records. */
function randomMessages(
  random: () => number,
  side: Side,
): { bytes: Bytes; records: FrameRecord[] } {
  const frames: Bytes[] = [];
  const records: FrameRecord[] = [];
  const text = (lengthMax: number) =>
    Array.from(
      { length: below(random, lengthMax + 1) },
      () => String.fromCharCode(below(random, 256)),
    )
      .join("");
  const add = (opcode: number, payload: string, final: boolean) => {
    const mask = bytesOf(text(4).padEnd(4, "\xa5"));
    const options = side === "client" ? { final, mask } : { final };
    frames.push(frame(opcode, bytesOf(payload), options));
  };
  for (let messages = below(random, 4); messages >= 0; messages--) {
    let message = "";
    let opcode: number = pick(random, [Opcode.text, Opcode.binary]);
    for (let fragments = below(random, 4); fragments >= 0; fragments--) {
      const kind = pick(random, ["ping", "pong", "close", "none", "none"] as const);
      if (kind !== "none") {
        const payload = kind === "close" ? "" : text(125);
        add(Opcode[kind], payload, true);
        records.push([kind, payload]);
      }
      const payload = text(pick(random, [0, 5, 125, 300]));
      add(opcode, payload, fragments === 0);
      opcode = Opcode.continuation;
      message += payload;
    }
    records.push(["message", message]);
  }
  return { bytes: join(frames), records };
}

for (const side of ["client", "server"] as const) {
  Deno.test(`FrameReader reads the same from a ${side} for any chunks`, () => {
    for (const seed of someSeeds()) {
      const random = seededRandom(seed);
      for (let round = 0; round < 500; round++) {
        const { bytes, records } = randomMessages(random, side);
        const cut = randomCut(random, pick(random, [1, 3, 20, 500]));
        assertEquals(readFrames(side, cut(bytes)), records, `seed ${seed}, round ${round}`);
      }
    }
  });
}
