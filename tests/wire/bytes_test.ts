/** Conversion between bytes and text, and the encoder's buffer. */
import { bytesOf, Encoder, isText, textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, seededRandom } from "../support/random.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const KEPT_BYTES_MAX = 16 * 1024;

/** Returns the code of each character; slow and obvious, for comparison. */
function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

Deno.test("textOf() returns one character a byte, with the byte as its code", () => {
  assertEquals(codesOf(textOf(ALL)), [...ALL]);
  assertEquals(textOf(new Uint8Array(0)), "");
});

Deno.test("textOf() returns the part from start to end", () => {
  const bytes = bytesOf("0123456789").subarray(1);
  assertEquals(textOf(bytes, 2), "3456789");
  assertEquals(textOf(bytes, 2, 5), "345");
  assertEquals(textOf(bytes, 2, 2), "");
});

Deno.test("bytesOf() reverses textOf() for every byte and every pair of bytes", () => {
  assertEquals(bytesOf(textOf(ALL)), ALL);
  const pairs = Uint8Array.from({ length: 2 * 65536 }, (_, i) => i & 1 ? i >> 1 : i >> 9);
  assert(bytesOf(textOf(pairs)).every((byte, i) => byte === pairs[i]));
  for (const byte of ALL) assertEquals([...bytesOf(textOf(Uint8Array.of(byte)))], [byte]);
});

Deno.test("Encoder.encode() returns the bytes of any text, in consecutive calls", () => {
  const encoder = new Encoder();
  const texts = [
    "",
    "1 ok\n",
    "\x00\x7f",
    "\x80",
    "\xc3\xa0 at the start",
    "at the end \xff",
    "in \x85 the \xa0 midst",
    textOf(ALL),
    "x".repeat(255) + "\xff", // fills the first buffer
    "\xff".repeat(257),
    "x".repeat(KEPT_BYTES_MAX),
    "\xff".repeat(KEPT_BYTES_MAX + 1),
    "x".repeat(300_000) + "\x80",
    "short again",
    "",
  ];
  for (const text of texts) {
    const bytes = encoder.encode(text);
    assertEquals(bytes.length, text.length);
    assert(codesOf(text).every((code, i) => code === bytes[i]), `wrong: ${text.slice(0, 40)}`);
  }
});

Deno.test("Encoder.encode() reuses one buffer, and allocates another for a text that does not fit", () => {
  const encoder = new Encoder();
  const { buffer } = encoder.encode("a");
  for (const length of [0, 300, 128 * 1024, 1]) {
    assert(encoder.encode("x".repeat(length)).buffer === buffer, `${length} bytes`);
  }
  const long = encoder.encode("x".repeat(128 * 1024 + 1));
  assert(long.buffer !== buffer && long.length === 128 * 1024 + 1);
});

// In code that V8 has optimized, Deno 2.6 returns wrong counts of the characters that were read.
Deno.test("bytesOf() and Encoder.encode() stay exact over many calls", () => {
  const random = seededRandom(1);
  const encoder = new Encoder();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: below(random, 20) }, () => below(random, 256));
    const text = textOf(bytes);
    assert(bytesOf(text).every((byte, i) => byte === bytes[i]), `round ${round}`);
    assert(encoder.encode(text).every((byte, i) => byte === bytes[i]), `round ${round}`);
  }
});

Deno.test("isText() returns whether bytes are valid UTF-8", () => {
  const valid = [
    "",
    "plain\r\n\0",
    "\xc3\xa0",
    "\xe3\x80\x80",
    "\xef\xbb\xbf",
    "\xf0\x9f\x94\x92",
    "\xf4\x8f\xbf\xbf",
  ];
  const invalid = [
    "\x80", // a continuation byte alone
    "a\xc3", // truncated
    "\xe3\x80",
    "\xc3a",
    "\xc0\x80", // overlong
    "\xed\xa0\x80", // half of a surrogate pair
    "\xf4\x90\x80\x80", // above U+10FFFF
    "\xff",
  ];
  for (const text of valid) assert(isText(bytesOf(text)), JSON.stringify(text));
  for (const text of invalid) assert(!isText(bytesOf(text)), JSON.stringify(text));
});
