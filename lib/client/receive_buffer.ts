/** Buffers received chunks; returns lines, and counted bytes, as text. */

const LF = 0x0a;
const CR = 0x0d;

export class ReceiveBuffer {
  #bytes = new Uint8Array(4096);
  /** The unread bytes are those from `#start` to `#end`. */
  #start = 0;
  #end = 0;
  /** There is no line ending from `#start` to here. */
  #searched = 0;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  /** Adds a copy of `chunk`. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Returns the next line without its line ending; undefined when it is incomplete. */
  line(): string | undefined {
    const from = Math.max(this.#searched, this.#start);
    const lf = this.#bytes.subarray(0, this.#end).indexOf(LF, from);
    this.#searched = lf < 0 ? this.#end : lf + 1;
    if (lf < 0) return undefined;
    const hasCr = lf > this.#start && this.#bytes[lf - 1] === CR;
    const line = this.#decode(hasCr ? lf - 1 : lf);
    this.#start = lf + 1;
    return line;
  }

  /** Returns the next `count` bytes as text; undefined when there are fewer. */
  take(count: number): string | undefined {
    if (this.#end - this.#start < count) return undefined;
    const text = this.#decode(this.#start + count);
    this.#start += count;
    return text;
  }

  #decode(end: number): string {
    return this.#utf8.decode(this.#bytes.subarray(this.#start, end));
  }

  /** Moves the unread bytes to the front; grows the buffer if needed, shrinks it if too large. */
  #makeRoom(count: number): void {
    const unread = this.#bytes.subarray(this.#start, this.#end);
    const need = unread.length + count;
    const isResized = need > this.#bytes.length / 2 || need * 8 < this.#bytes.length;
    const bytes = isResized ? new Uint8Array(Math.max(4096, 2 * need)) : this.#bytes;
    bytes.set(unread);
    this.#bytes = bytes;
    this.#searched = Math.max(0, this.#searched - this.#start);
    this.#end = unread.length;
    this.#start = 0;
  }
}
