/** Bytes as text and back, and the buffer that replies are written in. */
import { bytesOf, Encoder, isText, textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, seededRandom } from "../support/random.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const KEPT_BYTES_MAX = 16 * 1024;

/** The slow, obvious way. */
function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

Deno.test("textOf gives one character a byte, of the same number", () => {
  assertEquals(codesOf(textOf(ALL)), [...ALL]);
  assertEquals(textOf(new Uint8Array(0)), "");
});

Deno.test("textOf takes the part it is told", () => {
  const bytes = bytesOf("0123456789").subarray(1);
  assertEquals(textOf(bytes, 2), "3456789");
  assertEquals(textOf(bytes, 2, 5), "345");
  assertEquals(textOf(bytes, 2, 2), "");
});

Deno.test("bytesOf undoes textOf for every byte and for every pair of bytes", () => {
  assertEquals(bytesOf(textOf(ALL)), ALL);
  const pairs = Uint8Array.from({ length: 2 * 65536 }, (_, i) => i & 1 ? i >> 1 : i >> 9);
  assert(bytesOf(textOf(pairs)).every((byte, i) => byte === pairs[i]));
  for (const byte of ALL) assertEquals([...bytesOf(textOf(Uint8Array.of(byte)))], [byte]);
});

Deno.test("Encoder.encode gives the bytes of any text, one call after the other", () => {
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

Deno.test("Encoder.encode writes into one buffer, and into one of its own what is too long for it", () => {
  const encoder = new Encoder();
  const { buffer } = encoder.encode("a");
  for (const length of [0, 300, 128 * 1024, 1]) {
    assert(encoder.encode("x".repeat(length)).buffer === buffer, `${length} bytes`);
  }
  const long = encoder.encode("x".repeat(128 * 1024 + 1));
  assert(long.buffer !== buffer && long.length === 128 * 1024 + 1);
});

// Once it was compiled, Deno 2.6 told wrong numbers of what the encoder had read.
Deno.test("bytesOf and Encoder.encode stay right when they are used often", () => {
  const random = seededRandom(1);
  const encoder = new Encoder();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: below(random, 20) }, () => below(random, 256));
    const text = textOf(bytes);
    assert(bytesOf(text).every((byte, i) => byte === bytes[i]), `round ${round}`);
    assert(encoder.encode(text).every((byte, i) => byte === bytes[i]), `round ${round}`);
  }
});

Deno.test("isText tells whether bytes are valid UTF-8", () => {
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
    "\x80", // a continuation alone
    "a\xc3", // cut off
    "\xe3\x80",
    "\xc3a",
    "\xc0\x80", // longer than needed
    "\xed\xa0\x80", // half of a surrogate pair
    "\xf4\x90\x80\x80", // past the last character
    "\xff",
  ];
  for (const text of valid) assert(isText(bytesOf(text)), JSON.stringify(text));
  for (const text of invalid) assert(!isText(bytesOf(text)), JSON.stringify(text));
});
