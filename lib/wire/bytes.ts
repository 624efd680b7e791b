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

/** What an encoder has room for: replies are sent when they are half of that. */
const ROOM_BYTES = 128 * 1024;
/** Room beyond the text, so that the UTF-8 encoder shows whether it met a byte above 0x7f. */
const SPARE_BYTES = 2;

/** The bytes from `start` to `end` as text. */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return latin1.latin1Slice.call(bytes, start, end);
}

/** Text of one character a byte as bytes; a character above 0xff is a bug of the caller. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return write(text, new Uint8Array(text.length + SPARE_BYTES));
}

/** Text of any characters as that of its UTF-8 bytes, one character a byte. */
export function byteText(text: string): string {
  return textOf(utf8.encode(text));
}

/** The text that bytes mean as UTF-8; what is no part of it becomes U+FFFD. */
export function plainText(byteText: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(byteText));
}

const SHOWN_MAX = 100;

/** Enough of a name to know it by: a message is no echo of a whole line. Cuts no character in two. */
export function shorten(name: string, bytesMax = SHOWN_MAX): string {
  if (name.length <= bytesMax) return name;
  return name.slice(0, bytesMax).replace(/[\xc2-\xf4][\x80-\xbf]*$/, "") + "...";
}

/** Whether the bytes may stand in a WebSocket text frame, that is, are valid UTF-8. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes);
}

/** Turns replies into bytes in one buffer, used again and again: one for all, so that it stays near. */
export class Encoder {
  readonly #buffer = new Uint8Array(ROOM_BYTES + SPARE_BYTES);

  /** The bytes of `text`, good until the next call. */
  encode(text: string): Uint8Array<ArrayBuffer> {
    return text.length > ROOM_BYTES ? bytesOf(text) : write(text, this.#buffer);
  }
}

/** Writes `text` to a buffer with room to spare; the part that holds its bytes. */
function write(text: string, buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  // The UTF-8 encoder is the fastest way there is, and right as long as the text is ASCII: then it
  // writes one byte a character. Any other takes two, and the encoder stops only when not even
  // two bytes are left, so it writes more than one a character then. (How many characters it has
  // read cannot be relied on: Deno 2.6 tells the bytes written in its place.)
  const { written } = utf8.encodeInto(text, buffer);
  if (written !== text.length) latin1.latin1Write.call(buffer, text, 0, text.length);
  return buffer.subarray(0, text.length);
}
