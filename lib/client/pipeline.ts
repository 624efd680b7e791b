/**
 * Requests and replies on one connection: any number may be asked, a bounded part of them is on its
 * way, and replies come in the order of the requests. What a reply looks like, others know.
 */
import { ConnectionError, type HoldfastError } from "./errors.ts";
import type { Link } from "./dial/link.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";
import { Fifo } from "./fifo.ts";

/** So many requests, and so much text of them, are on their way before the first is answered. */
const SENT_MAX = 256;
const SENT_LENGTH_MAX = 256 * 1024;
/** How long a last word may take. */
const PART_MS = 1_000;

/** What cuts the stream of replies to pieces, and sees those that are no replies. */
export interface ReplyParser<Piece> {
  /** The next piece; undefined when it is not all here yet. */
  next(inbox: ReceiveBuffer): Piece | undefined;
  /** Whether the piece was nobody's reply, and has been dealt with. */
  unasked(piece: Piece): boolean;
}

interface Asked<Piece> {
  readonly text: string;
  /** Takes a piece of the reply; whether it was the last one. */
  take(piece: Piece): boolean;
  fail(error: HoldfastError): void;
}

export class Pipeline<Piece> {
  /** Resolves when the connection has ended: with why, or nothing when it was closed here. */
  readonly ended: Promise<ConnectionError | undefined>;
  readonly #link: Link;
  readonly #reading: ReplyParser<Piece>;
  readonly #inbox = new ReceiveBuffer();
  readonly #queued = new Fifo<Asked<Piece>>();
  readonly #sent = new Fifo<Asked<Piece>>();
  #sentLength = 0;
  /** Text that is no request: it is answered by nothing. */
  #aside = "";
  #isWriting = false;
  #end: ((why: ConnectionError | undefined) => void) | undefined;
  #error: ConnectionError | undefined;
  /** When anything was last heard, and since when there is something to hear: `performance.now`. */
  #heardMs = 0;
  #busyMs = 0;

  constructor(link: Link, reading: ReplyParser<Piece>) {
    this.#link = link;
    this.#reading = reading;
    this.ended = new Promise((resolve) => this.#end = resolve);
    this.#read();
  }

  get isOpen(): boolean {
    return this.#end !== undefined;
  }

  /** Whether a reply is still to come. */
  get isBusy(): boolean {
    return this.#sent.length + this.#queued.length > 0;
  }

  /** For how long a reply has been waited for and nothing was heard. */
  get silentMs(): number {
    return this.isBusy ? performance.now() - Math.max(this.#heardMs, this.#busyMs) : 0;
  }

  /** Asks; `take` gets the pieces of the reply until it returns what they mean. */
  ask<T>(text: string, take: (piece: Piece) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(this.#error ?? closedError());
      const takeOn = (piece: Piece) => {
        const reply = take(piece);
        if (reply !== undefined) resolve(reply);
        return reply !== undefined;
      };
      if (!this.isBusy) this.#busyMs = performance.now();
      this.#queued.push({ text, take: takeOn, fail: reject });
      this.#write();
    });
  }

  /** Says something that has no reply. */
  say(text: string): void {
    if (!this.isOpen) return;
    this.#aside += text;
    this.#write();
  }

  /** Ends it at once; whoever waits for a reply gets a ConnectionError. */
  close(why?: ConnectionError): void {
    if (this.isOpen) this.#link.close();
    this.#leave(why);
  }

  /** The same for whoever waits, but there is a last word for the server, if it listens. */
  part(lastWord: string): void {
    if (!this.isOpen) return;
    const link = this.#link;
    const hurry = setTimeout(() => link.close(), PART_MS);
    const said = this.#isWriting ? Promise.resolve() : link.write(lastWord);
    said.catch(() => {}).finally(() => {
      clearTimeout(hurry);
      link.close();
    });
    this.#leave(undefined);
  }

  #leave(why: ConnectionError | undefined): void {
    const end = this.#end;
    if (end === undefined) return;
    this.#end = undefined;
    this.#error = why;
    const left = [...this.#sent.clear(), ...this.#queued.clear()];
    end(why);
    for (const { fail } of left) fail(why ?? closedError());
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const chunk = await this.#link.read();
        if (!this.isOpen) return;
        if (chunk === null) return this.close(new ConnectionError("the server has hung up"));
        this.#heardMs = performance.now();
        this.#inbox.push(chunk);
        this.#deliver();
      }
    } catch (error) {
      this.#break(error);
    }
  }

  #deliver(): void {
    for (;;) {
      const piece = this.#reading.next(this.#inbox);
      if (piece === undefined) break;
      if (this.#reading.unasked(piece)) continue;
      const { first } = this.#sent;
      if (first === undefined) {
        return this.close(new ConnectionError("the server said something that nobody asked"));
      }
      if (first.take(piece)) {
        this.#sent.shift();
        this.#sentLength -= first.text.length;
      }
      if (!this.isOpen) return;
    }
    if (this.#queued.length > 0) this.#write();
  }

  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      await undefined; // what is asked in one go is written in one go
      for (let text = this.#batch(); text !== ""; text = this.#batch()) {
        await this.#link.write(text);
      }
    } catch (error) {
      this.#break(error);
    } finally {
      this.#isWriting = false;
    }
  }

  /** What may be written now: a line where each is a message, else all there is room for. */
  #batch(): string {
    let batch = this.#aside;
    this.#aside = "";
    while (batch === "" || !this.#link.isMessages) {
      const next = this.#queued.first;
      if (next === undefined || !this.#hasRoom(next)) break;
      this.#queued.shift();
      this.#sent.push(next);
      this.#sentLength += next.text.length;
      batch += next.text;
    }
    return batch;
  }

  /** A request that is larger than the room goes alone. */
  #hasRoom({ text }: Asked<Piece>): boolean {
    if (this.#sent.length === 0) return true;
    return this.#sent.length < SENT_MAX && this.#sentLength + text.length <= SENT_LENGTH_MAX;
  }

  #break(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.close(new ConnectionError(`the connection broke: ${why}`, { cause: error }));
  }
}

function closedError(): ConnectionError {
  return new ConnectionError("the connection was closed");
}
