/** Reads the output of a process, so that a test can wait for a part of it. */

/** The text of a stream, as it comes. */
export class Reader {
  /** All of the text, once the stream has ended. */
  readonly whole: Promise<string>;
  #text = "";
  #isEnded = false;
  readonly #listeners = new Set<() => void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.whole = this.#read(stream);
  }

  /** Resolves to the first match of the pattern; rejects if the stream ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const [found] = pattern.exec(this.#text) ?? [];
      if (found !== undefined) return found;
      if (this.#isEnded) {
        throw new Error(`Cannot find ${pattern}: the stream ended with ${this.#text}`);
      }
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#notify();
    }
    this.#isEnded = true;
    this.#notify();
    return this.#text;
  }

  #notify(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
