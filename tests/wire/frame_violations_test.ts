/** Frames that RFC 6455 forbids end the reading with close code 1002. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { closePayload, frame, Opcode } from "../../lib/wire/frames.ts";
import { assertEquals } from "../support/assert.ts";
import { type Bytes, CUTS } from "../support/chunks.ts";
import { join, MASK, maskOf, readFrames, type Side } from "../support/frames.ts";

const { continuation, text, binary, close, ping, pong } = Opcode;
const SOME = bytesOf("b");
const NONE = new Uint8Array(0);

type Case = readonly [title: string, ...frames: Bytes[]];

function reservedBits(side: Side): Case[] {
  return [0x40, 0x20, 0x10, 0x70].flatMap((bit) =>
    [text, close, ping].map((opcode) =>
      [
        `reserved bits ${bit}, opcode ${opcode}`,
        frame(opcode | bit, NONE, maskOf(side)),
      ] as const
    )
  );
}

function masking(side: Side): Case[] {
  const wrong = maskOf(side === "client" ? "server" : "client");
  return [text, close, ping].flatMap((opcode) => [
    [`wrong masking, opcode ${opcode}`, frame(opcode, SOME, wrong)] as const,
    [`wrong masking of an empty payload, opcode ${opcode}`, frame(opcode, NONE, wrong)] as const,
  ]);
}

function opcodes(side: Side): Case[] {
  return [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf].flatMap((opcode) => [
    [`opcode ${opcode}`, frame(opcode, SOME, maskOf(side))] as const,
    [
      `opcode ${opcode}, not final`,
      frame(opcode, SOME, { ...maskOf(side), final: false }),
    ] as const,
  ]);
}

function controlFrames(side: Side): Case[] {
  const long = [126, 65536].map((length) => new Uint8Array(length).fill(0x0f)); // code 3855 is permitted
  return [close, ping, pong].flatMap((opcode) => [
    [
      `opcode ${opcode}, not final`,
      frame(opcode, NONE, { ...maskOf(side), final: false }),
    ] as const,
    ...long.map((payload) =>
      [`opcode ${opcode}, ${payload.length} bytes`, frame(opcode, payload, maskOf(side))] as const
    ),
  ]);
}

function fragments(side: Side): Case[] {
  const last = maskOf(side);
  const more = { ...last, final: false };
  const [start, end] = [frame(text, SOME, more), frame(continuation, SOME, last)];
  return [
    ["an end without a start", end],
    ["a continuation without a start", frame(continuation, NONE, more)],
    ["text within a message", start, frame(text, SOME, last)],
    ["the start of a message within one", start, frame(binary, NONE, more)],
    [
      "binary after a continuation",
      start,
      frame(continuation, NONE, more),
      frame(binary, SOME, last),
    ],
  ];
}

function closes(side: Side): Case[] {
  const codes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535];
  return [
    ["a close with half a code", frame(close, Uint8Array.of(3), maskOf(side))],
    ...codes.map((code) =>
      [`close code ${code}`, frame(close, closePayload(code), maskOf(side))] as const
    ),
    ["a bad close code with a reason", frame(close, bytesOf("\x03\xe7bye"), maskOf(side))],
  ];
}

function lengths(side: Side): Case[] {
  const [masked, mask] = side === "client" ? [0x80, MASK] : [0, NONE];
  const written = [
    [127, 0x80, 0, 0, 0, 0, 0, 0, 1],
    [127, 0xff, 0, 0, 0, 0, 0, 0, 1],
    [127, 0, 0, 0, 0, 0, 0, 0, 1],
    [127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
    [126, 0, 1],
    [126, 0, 125],
  ];
  return written.map(([form = 0, ...length]) => {
    const header = Uint8Array.of(0x82, masked | form, ...length);
    return [`a length written as ${form} ${length}`, join([header, mask, SOME])];
  });
}

const KINDS = [
  ["with a reserved bit", reservedBits],
  ["with the wrong masking", masking],
  ["with an unknown opcode", opcodes],
  ["of control that is fragmented or too long", controlFrames],
  ["that is a misplaced fragment", fragments],
  ["that closes with a bad payload", closes],
  ["with a length that is too large, or not in its shortest form", lengths],
] as const;

for (const side of ["client", "server"] as const) {
  const last = maskOf(side);
  const before = [
    frame(text, bytesOf("a"), { ...last, final: false }),
    frame(ping, NONE, last),
    frame(continuation, NONE, last),
  ];

  for (const [title, cut] of CUTS) {
    for (const [kind, casesOf] of KINDS) {
      Deno.test(`FrameReader ends at a frame from a ${side} ${kind}, ${title}`, () => {
        for (const [about, ...frames] of casesOf(side)) {
          const records = readFrames(side, cut(join([...before, ...frames, ...before])));
          assertEquals(records, [["ping", ""], ["message", "a"], ["violation", 1002]], about);
        }
      });
    }

    Deno.test(`FrameReader accepts every permitted close from a ${side}, ${title}`, () => {
      const codes = [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999];
      const payloads = codes.map((code) => textOf(closePayload(code)));
      payloads.push("", "\x03\xe8bye", "\x03\xe8" + "x".repeat(123), "\x03\xe8\xff");
      for (const payload of payloads) {
        const bytes = frame(close, bytesOf(payload), maskOf(side));
        assertEquals(readFrames(side, cut(bytes)), [["close", payload]]);
      }
    });
  }
}
