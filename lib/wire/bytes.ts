/**
 * Bytes as text and back: one character a byte, 0x00 to 0xff, exact in both directions.
 *
 * Names are bytes. Decoding them as UTF-8 would lose the invalid ones, and the platform's "latin1"
 * decoder is windows-1252, which is wrong from 0x80 to 0x9f; `latin1Slice` is exact, and fast.
 */
import { Buffer, isUtf8 } from "node:buffer";

interface Latin1 {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const latin1 = Buffer.prototype as unknown as Latin1;
const utf8 = new TextEncoder();

/** The largest buffer kept from one reply to the next; most fit in far less. */
const KEPT_BYTES_MAX = 16 * 1024;
const FIRST_BYTES = 256;

/** The bytes from `start` to `end` as text. */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return latin1.latin1Slice.call(bytes, start, end);
}

/** Text of one character a byte as bytes; a character above 0xff is a bug of the caller. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  write(text, bytes);
  return bytes;
}

/** Whether the bytes may stand in a WebSocket text frame, that is, are valid UTF-8. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes);
}

/** Turns replies into bytes in one buffer, used again and again: for one connection. */
export class Encoder {
  #buffer = new Uint8Array(FIRST_BYTES);

  /** The bytes of `text`, good until the next call. */
  encode(text: string): Uint8Array<ArrayBuffer> {
    if (text.length > KEPT_BYTES_MAX) return bytesOf(text);
    if (text.length > this.#buffer.length) {
      this.#buffer = new Uint8Array(Math.min(KEPT_BYTES_MAX, 2 * text.length));
    }
    write(text, this.#buffer);
    return this.#buffer.subarray(0, text.length);
  }
}

function write(text: string, bytes: Uint8Array): void {
  // The UTF-8 encoder is the fastest way there is, and right as long as the text is ASCII: then it
  // has read and written one a character. Otherwise start anew, byte by byte.
  const { read, written } = utf8.encodeInto(text, bytes);
  if (read !== text.length || written !== text.length) {
    latin1.latin1Write.call(bytes, text, 0, text.length);
  }
}
