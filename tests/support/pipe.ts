/** A connection without a socket: chunks are handed over inside the process, replies are heard. */
import {
  type Boundary,
  type CloseReason,
  type Connection,
  ConnectionLostError,
  type Receiver,
} from "../../lib/transport/connection.ts";
import { textOf } from "../../lib/wire/bytes.ts";

/** Lines that have come, and those who wait for one. */
export class Ear {
  #open = "";
  #over = false;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;

  hears(text: string): void {
    const lines = (this.#open + text).split("\n");
    this.#open = lines.pop()!;
    this.#lines.push(...lines.map((line) => line.replace(/\r$/, "")));
    this.#wake?.();
  }

  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  async next(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.#over) throw new Error("The connection ended where a line was expected");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#lines.shift()!;
  }

  async over(): Promise<void> {
    while (!this.#over) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async rest(): Promise<string[]> {
    await this.over();
    return this.#open === "" ? this.#lines : [...this.#lines, this.#open];
  }
}

let pipes = 0;

export class Pipe implements Connection {
  readonly address = `memory:${++pipes}`;
  readonly host = undefined;
  readonly isPage = false;
  readonly boundary: Boundary = "none";
  readonly #ear: Ear;
  readonly #chunks: (Uint8Array<ArrayBuffer> | null)[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(ear: Ear) {
    this.#ear = ear;
  }

  push(chunk: Uint8Array<ArrayBuffer> | null): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  async pump(hearer: Receiver): Promise<void> {
    let how: CloseReason = "lost";
    try {
      for (let over = false; !over;) {
        const chunk = await this.#next();
        await hearer.onData(chunk);
        over = chunk === null || hearer.isOver;
      }
      how = "closed";
    } finally {
      hearer.onClose(how);
    }
  }

  hasUnread(): boolean {
    return false;
  }

  closeReason(): CloseReason | undefined {
    return this.#closed || this.#chunks.at(-1) === null ? "closed" : undefined;
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#chunks.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#closed) throw new ConnectionLostError("The pipe was closed");
    return this.#chunks.shift()!;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#ear.hears(textOf(bytes));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#ear.end();
    this.#wake?.();
    return Promise.resolve();
  }
}
