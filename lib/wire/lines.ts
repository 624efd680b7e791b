/**
 * Splits bytes into lines. Chunks may split a line anywhere. Pure.
 *
 * A line ends at LF; one CR before the LF is dropped. Lines that arrive whole are decoded together
 * without copying; only the open line at the end of a chunk is kept as bytes. A line over the limit
 * is dropped as it arrives and reported once, at its end. So a peer cannot make the server keep
 * more bytes than the limit.
 */
import { textOf } from "./bytes.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Stands for a line over the limit. */
export const OVERLONG = Symbol("a line over the limit");
export type Line = string | typeof OVERLONG;

export class LineReader {
  readonly #limitBytes: number;
  /** The open line so far: the first `#openBytes` of `#open`. */
  #open = new Uint8Array(0);
  #openBytes = 0;
  /** The line that the last chunk completed, if an earlier chunk began it. */
  #completed: Line | undefined;
  /** The whole lines of the last chunk, read up to `#offset`. */
  #text = "";
  #offset = 0;

  /** @param limitBytes the longest line allowed, without its line end. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Adds a chunk; the caller may reuse its bytes. All earlier lines must have been read. */
  push(chunk: Uint8Array): void {
    let from = 0;
    if (this.#openBytes > 0) {
      const end = chunk.indexOf(LF);
      this.#keep(end < 0 ? chunk : chunk.subarray(0, end));
      if (end < 0) return;
      this.#completed = this.#close();
      from = end + 1;
    }
    const to = chunk.lastIndexOf(LF) + 1; // never less than `from`
    this.#text = to > from ? textOf(chunk, from, to) : "";
    this.#offset = 0;
    if (to < chunk.length) this.#keep(chunk.subarray(to));
  }

  /** Ends the input, and with it a last line without LF. All earlier lines must have been read. */
  finish(): void {
    if (this.#openBytes > 0) this.#completed = this.#close();
  }

  /** Whether the next byte begins a line. */
  get isAtStart(): boolean {
    return this.#openBytes === 0;
  }

  /** Whether another whole line can be read. */
  get hasNext(): boolean {
    return this.#offset < this.#text.length || this.#completed !== undefined;
  }

  /** Returns the next whole line without its end, or undefined when there is none yet. */
  next(): Line | undefined {
    const completed = this.#completed;
    if (completed !== undefined) {
      this.#completed = undefined;
      return completed;
    }
    const end = this.#text.indexOf("\n", this.#offset);
    if (end < 0) {
      this.#text = ""; // an idle connection keeps no text
      return undefined;
    }
    const lineEnd = this.#text.charCodeAt(end - 1) === CR ? end - 1 : end;
    const line = this.#text.slice(this.#offset, lineEnd);
    this.#offset = end + 1;
    return line.length > this.#limitBytes ? OVERLONG : line;
  }

  /** Adds bytes to the open line. Bytes over the limit are counted, not kept. */
  #keep(bytes: Uint8Array): void {
    const total = this.#openBytes + bytes.length;
    // One byte more than the limit, because a CR at the end does not count.
    const keptBytesMax = this.#limitBytes + 1;
    if (total <= keptBytesMax) {
      if (total > this.#open.length) this.#grow(total, keptBytesMax);
      this.#open.set(bytes, this.#openBytes);
    } else {
      this.#open = new Uint8Array(0);
    }
    this.#openBytes = total;
  }

  #grow(neededBytes: number, bytesMax: number): void {
    const grown = new Uint8Array(Math.min(bytesMax, Math.max(2 * neededBytes, 64)));
    grown.set(this.#open.subarray(0, this.#openBytes));
    this.#open = grown;
  }

  #close(): Line {
    const count = this.#openBytes;
    const bytes = this.#open;
    this.#open = new Uint8Array(0);
    this.#openBytes = 0;
    if (count > this.#limitBytes + 1) return OVERLONG;
    const line = textOf(bytes, 0, bytes[count - 1] === CR ? count - 1 : count);
    return line.length > this.#limitBytes ? OVERLONG : line;
  }
}
