/** Bytes that were received and not read yet: takes chunks, returns lines and counted bytes as text. */

const LF = 0x0a;
const CR = 0x0d;

export class ReceiveBuffer {
  #bytes = new Uint8Array(4096);
  /** The unread bytes are those from `#start` to `#end`. */
  #start = 0;
  #end = 0;
  /** Up to here there is no line ending. */
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
    const at = this.#bytes.subarray(0, this.#end).indexOf(LF, from);
    this.#searched = at < 0 ? this.#end : at + 1;
    if (at < 0) return undefined;
    const hasCr = at > this.#start && this.#bytes[at - 1] === CR;
    const line = this.#decode(hasCr ? at - 1 : at);
    this.#start = at + 1;
    return line;
  }

  /** Returns the next `count` bytes as text; undefined when there are fewer. */
  take(count: number): string | undefined {
    if (this.#end - this.#start < count) return undefined;
    const text = this.#decode(this.#start + count);
    this.#start += count;
    return text;
  }

  #decode(to: number): string {
    return this.#utf8.decode(this.#bytes.subarray(this.#start, to));
  }

  /** Moves the unread bytes to the front; the buffer grows when needed, and shrinks when too large. */
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
