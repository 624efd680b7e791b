/**
 * SHA-1 (RFC 3174), for the WebSocket handshake, where it keeps no secret. Pure.
 *
 * By hand, because loading `node:crypto` takes the runtime longer than starting does, and the
 * platform's own digest makes every handshake wait for a thread.
 */
import { bytesOf, textOf } from "./bytes.ts";

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;
const ROUNDS = 80;
const START = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

/** The 20 bytes of the hash; text has one character a byte. */
export function sha1(text: string): string {
  const blocks = padded(text);
  const hash = START.slice();
  const words = new Int32Array(ROUNDS);
  for (let at = 0; at < blocks.byteLength; at += BLOCK_BYTES) {
    for (let i = 0; i < 16; i++) words[i] = blocks.getInt32(at + 4 * i);
    for (let i = 16; i < ROUNDS; i++) {
      words[i] = rotated(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
    }
    mix(hash, words);
  }
  const out = new DataView(new ArrayBuffer(4 * hash.length));
  hash.forEach((word, i) => out.setInt32(4 * i, word));
  return textOf(new Uint8Array(out.buffer));
}

/** The text, a bit that is set, zeros, and the text's length in bits at the end of a block. */
function padded(text: string): DataView {
  const size = Math.ceil((text.length + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  const bytes = new Uint8Array(size);
  bytes.set(bytesOf(text));
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(size - 4, 8 * text.length); // the lower four of the eight bytes it has
  return view;
}

/** Mixes one block's words into the hash. */
function mix(hash: Int32Array, words: Int32Array): void {
  let a = hash[0]!, b = hash[1]!, c = hash[2]!, d = hash[3]!, e = hash[4]!;
  for (let i = 0; i < ROUNDS; i++) {
    const next = (rotated(a, 5) + e + words[i]! + twist(i, b, c, d)) | 0;
    e = d;
    d = c;
    c = rotated(b, 30);
    b = a;
    a = next;
  }
  hash[0]! += a;
  hash[1]! += b;
  hash[2]! += c;
  hash[3]! += d;
  hash[4]! += e;
}

/** The function and the constant of a round. */
function twist(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
