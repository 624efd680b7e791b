/** What has come and was not read yet: bytes in as they come, lines and counted bytes out as text. */

const LF = 0x0a;
const CR = 0x0d;

export class ReceiveBuffer {
  #bytes = new Uint8Array(4096);
  /** What is there: from here ... */
  #from = 0;
  /** ... to here; up to `#looked` there is no end of a line. */
  #to = 0;
  #looked = 0;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  /** Takes a copy. */
  push(chunk: Uint8Array): void {
    if (this.#to + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** The next line without its end; undefined when it is not all here yet. */
  line(): string | undefined {
    const end = this.#bytes.subarray(0, this.#to).indexOf(LF, Math.max(this.#looked, this.#from));
    this.#looked = end < 0 ? this.#to : end + 1;
    if (end < 0) return undefined;
    const hasCr = end > this.#from && this.#bytes[end - 1] === CR;
    const line = this.#text(hasCr ? end - 1 : end);
    this.#from = end + 1;
    return line;
  }

  /** The next so many bytes; undefined when they are not all here yet. */
  take(count: number): string | undefined {
    if (this.#to - this.#from < count) return undefined;
    const text = this.#text(this.#from + count);
    this.#from += count;
    return text;
  }

  #text(to: number): string {
    return this.#utf8.decode(this.#bytes.subarray(this.#from, to));
  }

  /** Moves what is there to the front, of a larger buffer if need be; a large empty one shrinks. */
  #makeRoom(count: number): void {
    const kept = this.#bytes.subarray(this.#from, this.#to);
    const need = kept.length + count;
    const roomy = need > this.#bytes.length / 2 || need * 8 < this.#bytes.length;
    const bytes = roomy ? new Uint8Array(Math.max(4096, 2 * need)) : this.#bytes;
    bytes.set(kept);
    this.#bytes = bytes;
    this.#looked = Math.max(0, this.#looked - this.#from);
    this.#to = kept.length;
    this.#from = 0;
  }
}
