/**
 * Bytes to lines, however they were cut on the way. Pure.
 *
 * A line ends at LF; one CR before it goes too. Lines that arrive whole are decoded in one piece
 * with their neighbours and copied by nobody; only the open line at the end of a chunk is kept as
 * bytes. A line over the limit is dropped as it comes, to its end, and reported there once, so that
 * no peer can make us hold more than the limit.
 */
import { textOf } from "./bytes.ts";

const LF = 0x0a;
const CR = 0x0d;

/** What stands for a line that was over the limit. */
export const OVERLONG = Symbol("a line over the limit");
export type Line = string | typeof OVERLONG;

export class LineReader {
  readonly #limitBytes: number;
  /** The open line so far: the first `#openBytes` of `#open`. */
  #open = new Uint8Array(0);
  #openBytes = 0;
  /** The line that the last chunk completed, if it was begun before. */
  #completed: Line | undefined;
  /** Whole lines of the last chunk, read up to `#at`. */
  #text = "";
  #at = 0;

  /** @param limitBytes the longest line allowed, its end not counted. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes a chunk in; its bytes are not needed afterwards. All lines before it must be out. */
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
    this.#at = 0;
    if (to < chunk.length) this.#keep(chunk.subarray(to));
  }

  /** The input is over: a last line without an end is a line too. All lines before it must be out. */
  finish(): void {
    if (this.#openBytes > 0) this.#completed = this.#close();
  }

  /** Whether a line begins with what comes next. */
  get isAtStart(): boolean {
    return this.#openBytes === 0;
  }

  /** Whether there is another whole line. */
  get hasNext(): boolean {
    return this.#at < this.#text.length || this.#completed !== undefined;
  }

  /** The next whole line without its end, or undefined when there is none yet. */
  next(): Line | undefined {
    const completed = this.#completed;
    if (completed !== undefined) {
      this.#completed = undefined;
      return completed;
    }
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) {
      this.#text = ""; // an idle connection keeps no text
      return undefined;
    }
    const line = this.#text.slice(this.#at, this.#text.charCodeAt(end - 1) === CR ? end - 1 : end);
    this.#at = end + 1;
    return line.length > this.#limitBytes ? OVERLONG : line;
  }

  /** Adds to the open line. What is over the limit is counted, not kept. */
  #keep(bytes: Uint8Array): void {
    const total = this.#openBytes + bytes.length;
    // One byte more than the limit, because a CR at the end does not count.
    const most = this.#limitBytes + 1;
    if (total <= most) {
      if (total > this.#open.length) this.#grow(total, most);
      this.#open.set(bytes, this.#openBytes);
    } else {
      this.#open = new Uint8Array(0);
    }
    this.#openBytes = total;
  }

  #grow(needBytes: number, mostBytes: number): void {
    const grown = new Uint8Array(Math.min(mostBytes, Math.max(2 * needBytes, 64)));
    grown.set(this.#open.subarray(0, this.#openBytes));
    this.#open = grown;
  }

  #close(): Line {
    const kept = this.#openBytes;
    const bytes = this.#open;
    this.#open = new Uint8Array(0);
    this.#openBytes = 0;
    if (kept > this.#limitBytes + 1) return OVERLONG;
    const line = textOf(bytes, 0, bytes[kept - 1] === CR ? kept - 1 : kept);
    return line.length > this.#limitBytes ? OVERLONG : line;
  }
}
