/** SHA-1, against RFC 3174 and Node. */
import { createHash } from "node:crypto";
import { sha1 } from "../../lib/wire/sha1.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "../support/assert.ts";

function hex(bytes: string): string {
  return bytesOf(bytes).toHex();
}

Deno.test("sha1 gives the values of RFC 3174 section 7.3", () => {
  assertEquals(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  const two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  assertEquals(hex(sha1(two)), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  assertEquals(hex(sha1("a".repeat(1_000_000))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
});

Deno.test("sha1 is Node's for every length about the ends of blocks, and all bytes", () => {
  for (let length = 0; length <= 260; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => 7 * i + length);
    const expected = createHash("sha1").update(bytes).digest("hex");
    assertEquals(hex(sha1(textOf(bytes))), expected, `${length} bytes`);
  }
});
