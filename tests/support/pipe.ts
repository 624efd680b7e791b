/** A connection without a socket: a test pushes chunks and reads the lines of the replies. */
import { ConnectionLostError } from "../../lib/transport/errors.ts";
import type {
  Boundary,
  CloseReason,
  Connection,
  Receiver,
} from "../../lib/transport/connection.ts";
import { textOf } from "../../lib/wire/bytes.ts";

/** The lines that a connection has received. */
export class LineQueue {
  #open = "";
  #isEnded = false;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;

  push(text: string): void {
    const lines = (this.#open + text).split("\n");
    this.#open = lines.pop()!;
    this.#lines.push(...lines.map((line) => line.replace(/\r$/, "")));
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Takes the next line; rejects if the connection ends first. */
  async next(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.#isEnded) throw new Error("Cannot read a line: the connection ended");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#lines.shift()!;
  }

  async ended(): Promise<void> {
    while (!this.#isEnded) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Waits for the end; returns the lines that were not taken, and a last one without line end. */
  async rest(): Promise<string[]> {
    await this.ended();
    return this.#open === "" ? this.#lines : [...this.#lines, this.#open];
  }
}

let pipes = 0;

export class Pipe implements Connection {
  readonly address = `memory:${++pipes}`;
  readonly host = undefined;
  readonly isWebPage = false;
  readonly boundary: Boundary = "none";
  readonly #lines: LineQueue;
  readonly #chunks: (Uint8Array<ArrayBuffer> | null)[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(lines: LineQueue) {
    this.#lines = lines;
  }

  /** Passes a chunk to the server; null ends the sending side. */
  push(chunk: Uint8Array<ArrayBuffer> | null): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  async pump(receiver: Receiver): Promise<void> {
    let reason: CloseReason = "lost";
    try {
      for (let isOver = false; !isOver;) {
        const chunk = await this.#next();
        await receiver.onData(chunk);
        isOver = chunk === null || receiver.isDone;
      }
      reason = "closed";
    } finally {
      receiver.onClose(reason);
    }
  }

  hasUnread(): boolean {
    return false;
  }

  closeReason(): CloseReason | undefined {
    return this.#isClosed || this.#chunks.at(-1) === null ? "closed" : undefined;
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#chunks.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#isClosed) throw new ConnectionLostError("The pipe was closed");
    return this.#chunks.shift()!;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#lines.push(textOf(bytes));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#lines.end();
    this.#wake?.();
    return Promise.resolve();
  }
}
