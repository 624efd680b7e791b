/**
 * Converts bytes to text and back without loss: each character, 0x00 to 0xff, stands for one byte.
 *
 * Names are bytes, and decoding them as UTF-8 would lose invalid ones. The platform's "latin1"
 * decoder is windows-1252, which is wrong from 0x80 to 0x9f; `latin1Slice` is exact and fast.
 */
import { Buffer, isUtf8 } from "node:buffer";

interface Latin1 {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const latin1 = Buffer.prototype as unknown as Latin1;
const utf8 = new TextEncoder();

/** The size of an encoder's buffer; replies are sent when they reach half of it. */
const ROOM_BYTES = 128 * 1024;
/** Room beyond the text, which shows whether the UTF-8 encoder met a character above 0x7f. */
const SPARE_BYTES = 2;

/** Returns the bytes from `start` to `end` as text. */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return latin1.latin1Slice.call(bytes, start, end);
}

/** Returns text of one character a byte as bytes; no character may be above 0xff. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return write(text, new Uint8Array(text.length + SPARE_BYTES));
}

/** Returns the UTF-8 bytes of Unicode text, as text of one character a byte. */
export function byteText(text: string): string {
  return textOf(utf8.encode(text));
}

/** Decodes text of one character a byte as UTF-8; invalid bytes become U+FFFD. */
export function plainText(byteText: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(byteText));
}

const SHOWN_BYTES_MAX = 100;

/** Shortens a name for a message. Does not split a UTF-8 character. */
export function shorten(name: string, bytesMax = SHOWN_BYTES_MAX): string {
  if (name.length <= bytesMax) return name;
  return name.slice(0, bytesMax).replace(/[\xc2-\xf4][\x80-\xbf]*$/, "") + "...";
}

/** Returns whether the bytes are valid UTF-8, as a WebSocket text frame must be. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes);
}

/** Encodes replies into one buffer, which all sessions share so that it stays in the cache. */
export class Encoder {
  readonly #buffer = new Uint8Array(ROOM_BYTES + SPARE_BYTES);

  /** Returns the bytes of `text`, valid until the next call. */
  encode(text: string): Uint8Array<ArrayBuffer> {
    return text.length > ROOM_BYTES ? bytesOf(text) : write(text, this.#buffer);
  }
}

/** Writes `text` to a buffer with spare room, and returns the part that it fills. */
function write(text: string, buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  // The UTF-8 encoder is the fastest, and correct for ASCII: it writes one byte a character. Any
  // other character takes two bytes. Because of the spare room it fits even at the end, and the
  // encoder has then written more bytes than there are characters. (`read` is not reliable: Deno
  // 2.6 returns the number of bytes written instead.)
  const { written } = utf8.encodeInto(text, buffer);
  if (written !== text.length) latin1.latin1Write.call(buffer, text, 0, text.length);
  return buffer.subarray(0, text.length);
}
