/** What a process prints, as it comes, so that a test can wait for it. */

/** A stream's text as it comes. */
export class Reader {
  readonly whole: Promise<string>;
  #text = "";
  #isOver = false;
  readonly #looks = new Set<() => void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.whole = this.#read(stream);
  }

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const [found] = pattern.exec(this.#text) ?? [];
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error(`It ended before ${pattern}: ${this.#text}`);
      await new Promise<void>((resolve) => this.#looks.add(resolve));
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#look();
    }
    this.#isOver = true;
    this.#look();
    return this.#text;
  }

  #look(): void {
    const looks = [...this.#looks];
    this.#looks.clear();
    for (const look of looks) look();
  }
}
