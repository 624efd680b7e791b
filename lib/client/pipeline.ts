/**
 * Pipelines requests on one connection: callers may ask any number, a bounded number is in flight,
 * and replies arrive in the order of the requests. A `ReplyParser` knows what a reply looks like.
 */
import { closedError, lostError } from "./connection_errors.ts";
import type { Link } from "./dial/link.ts";
import type { ConnectionError, HoldfastError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";

/** Requests, and characters of them, that may be in flight. */
const IN_FLIGHT_MAX = 256;
const IN_FLIGHT_CHARS_MAX = 256 * 1024;
/** How long the last write of `closeAfter` may take. */
const LAST_WRITE_MS_MAX = 1_000;

/** Splits the received bytes into pieces of replies, and handles those that are not replies. */
export interface ReplyParser<Piece> {
  /** Returns the next piece; undefined when it is incomplete. */
  next(buffer: ReceiveBuffer): Piece | undefined;
  /** Returns whether the piece was unsolicited, such as an event, after handling it. */
  handleUnsolicited(piece: Piece): boolean;
}

interface PendingRequest<Piece> {
  readonly text: string;
  /** Takes a piece of the reply; returns whether it was the last one. */
  take(piece: Piece): boolean;
  fail(error: HoldfastError): void;
}

export class Pipeline<Piece> {
  /** Resolves when the connection ends: with the reason, or to undefined when closed by this side. */
  readonly ended: Promise<ConnectionError | undefined>;
  readonly #link: Link;
  readonly #parser: ReplyParser<Piece>;
  readonly #buffer = new ReceiveBuffer();
  readonly #queued = new Fifo<PendingRequest<Piece>>();
  readonly #inFlight = new Fifo<PendingRequest<Piece>>();
  #charsInFlight = 0;
  /** Text to write that gets no reply. */
  #unanswered = "";
  #isWriting = false;
  /** Undefined once the connection has ended. */
  #resolveEnded: ((reason: ConnectionError | undefined) => void) | undefined;
  #error: ConnectionError | undefined;
  /** When bytes last arrived, and since when a reply is due (`performance.now`). */
  #receivedMs = 0;
  #busySinceMs = 0;

  constructor(link: Link, parser: ReplyParser<Piece>) {
    this.#link = link;
    this.#parser = parser;
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    this.#read();
  }

  get isOpen(): boolean {
    return this.#resolveEnded !== undefined;
  }

  /** Whether a reply is due. */
  get isBusy(): boolean {
    return this.#inFlight.length + this.#queued.length > 0;
  }

  /** How long a reply has been due without any bytes arriving. */
  get silentMs(): number {
    return this.isBusy ? performance.now() - Math.max(this.#receivedMs, this.#busySinceMs) : 0;
  }

  /** Sends a request; `take` gets the pieces of the reply until it returns the result. */
  ask<T>(text: string, take: (piece: Piece) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(this.#error ?? closedError());
      const takePiece = (piece: Piece) => {
        const result = take(piece);
        if (result !== undefined) resolve(result);
        return result !== undefined;
      };
      if (!this.isBusy) this.#busySinceMs = performance.now();
      this.#queued.push({ text, take: takePiece, fail: reject });
      this.#write();
    });
  }

  /** Sends text that gets no reply. */
  send(text: string): void {
    if (!this.isOpen) return;
    this.#unanswered += text;
    this.#write();
  }

  /** Closes the connection at once; pending requests fail with a `ConnectionError`. */
  close(reason?: ConnectionError): void {
    if (this.isOpen) this.#link.close();
    this.#end(reason);
  }

  /** Fails pending requests as `close` does, but writes `text` first, if the server accepts it. */
  closeAfter(text: string): void {
    if (!this.isOpen) return;
    const link = this.#link;
    const timer = setTimeout(() => link.close(), LAST_WRITE_MS_MAX);
    const written = this.#isWriting ? Promise.resolve() : link.write(text);
    written.catch(() => {}).finally(() => {
      clearTimeout(timer);
      link.close();
    });
    this.#end(undefined);
  }

  #end(reason: ConnectionError | undefined): void {
    const resolveEnded = this.#resolveEnded;
    if (resolveEnded === undefined) return;
    this.#resolveEnded = undefined;
    this.#error = reason;
    const pending = [...this.#inFlight.clear(), ...this.#queued.clear()];
    resolveEnded(reason);
    for (const { fail } of pending) fail(reason ?? closedError());
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const chunk = await this.#link.read();
        if (!this.isOpen) return;
        if (chunk === null) return this.close(lostError("the server closed it"));
        this.#receivedMs = performance.now();
        this.#buffer.push(chunk);
        this.#deliver();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliver(): void {
    for (;;) {
      const piece = this.#parser.next(this.#buffer);
      if (piece === undefined) break;
      if (this.#parser.handleUnsolicited(piece)) continue;
      const { first } = this.#inFlight;
      if (first === undefined) {
        return this.close(lostError("the server sent a reply without a request"));
      }
      if (first.take(piece)) {
        this.#inFlight.shift();
        this.#charsInFlight -= first.text.length;
      }
      if (!this.isOpen) return;
    }
    if (this.#queued.length > 0) this.#write();
  }

  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      await undefined; // requests of one synchronous run are written together
      for (let text = this.#nextBatch(); text !== ""; text = this.#nextBatch()) {
        await this.#link.write(text);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Returns what may be written now: one request if each is a message, else all that fit. */
  #nextBatch(): string {
    let batch = this.#unanswered;
    this.#unanswered = "";
    while (batch === "" || !this.#link.isMessages) {
      const next = this.#queued.first;
      if (next === undefined || !this.#hasRoom(next)) break;
      this.#queued.shift();
      this.#inFlight.push(next);
      this.#charsInFlight += next.text.length;
      batch += next.text;
    }
    return batch;
  }

  /** A request over the limit is sent when nothing else is in flight. */
  #hasRoom({ text }: PendingRequest<Piece>): boolean {
    const { length } = this.#inFlight;
    if (length === 0) return true;
    return length < IN_FLIGHT_MAX && this.#charsInFlight + text.length <= IN_FLIGHT_CHARS_MAX;
  }

  #fail(error: unknown): void {
    this.close(lostError(error instanceof Error ? error.message : String(error), error));
  }
}
