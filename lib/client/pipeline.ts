/**
 * Pipelines requests on one connection. Callers may queue any number; a bounded number is in
 * flight. Replies arrive in the order of the requests. A `ReplyParser` parses them.
 */
import { closedError, lostError } from "./connection_errors.ts";
import type { Link } from "./dial/link.ts";
import type { ConnectionError, HoldfastError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";

/** How many requests, and characters of requests, may be in flight. */
const IN_FLIGHT_MAX = 256;
const IN_FLIGHT_CHARS_MAX = 256 * 1024;
/** How long the last write of `closeAfter` may take. */
const LAST_WRITE_MS_MAX = 1_000;

/** Splits received bytes into parts of replies, and handles unsolicited parts. */
export interface ReplyParser<Part> {
  /** Returns the next part; undefined when it is incomplete. */
  next(buffer: ReceiveBuffer): Part | undefined;
  /** Handles an unsolicited part, such as an event; returns false for any other. */
  handleUnsolicited(part: Part): boolean;
}

interface PendingRequest<Part> {
  readonly text: string;
  /** Takes a part of the reply; returns whether it was the last part. */
  take(part: Part): boolean;
  fail(error: HoldfastError): void;
}

export class Pipeline<Part> {
  /** Resolves when the connection ends: to the reason, or undefined if this client closed it. */
  readonly ended: Promise<ConnectionError | undefined>;
  readonly #link: Link;
  readonly #parser: ReplyParser<Part>;
  readonly #buffer = new ReceiveBuffer();
  readonly #queued = new Fifo<PendingRequest<Part>>();
  readonly #inFlight = new Fifo<PendingRequest<Part>>();
  #charsInFlight = 0;
  /** Text to write to which there is no reply. */
  #unanswered = "";
  #isWriting = false;
  /** Undefined once the connection has ended. */
  #resolveEnded: ((reason: ConnectionError | undefined) => void) | undefined;
  #error: ConnectionError | undefined;
  /** When bytes last arrived, and since when a reply is due (`performance.now`). */
  #receivedMs = 0;
  #busySinceMs = 0;

  constructor(link: Link, parser: ReplyParser<Part>) {
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

  /** How long a reply has been due while no bytes arrived. */
  get silentMs(): number {
    return this.isBusy ? performance.now() - Math.max(this.#receivedMs, this.#busySinceMs) : 0;
  }

  /** Sends a request; `take` gets the parts of the reply until it returns the result. */
  ask<T>(text: string, take: (part: Part) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(this.#error ?? closedError());
      const takePart = (part: Part) => {
        const result = take(part);
        if (result !== undefined) resolve(result);
        return result !== undefined;
      };
      if (!this.isBusy) this.#busySinceMs = performance.now();
      this.#queued.push({ text, take: takePart, fail: reject });
      this.#write();
    });
  }

  /** Sends text to which there is no reply. */
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

  /** Closes like `close`, but first writes `text` if no other write is under way. */
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
      const part = this.#parser.next(this.#buffer);
      if (part === undefined) break;
      if (this.#parser.handleUnsolicited(part)) continue;
      const { first } = this.#inFlight;
      if (first === undefined) {
        return this.close(lostError("the server sent a reply without a request"));
      }
      if (first.take(part)) {
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
      await undefined; // requests of the same task are written together
      for (let text = this.#nextBatch(); text !== ""; text = this.#nextBatch()) {
        await this.#link.write(text);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Returns the text to write now: one request on a message-based link, else all that fit. */
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

  /** Returns whether a request may be sent; one over the limit may if nothing is in flight. */
  #hasRoom({ text }: PendingRequest<Part>): boolean {
    const { length } = this.#inFlight;
    if (length === 0) return true;
    return length < IN_FLIGHT_MAX && this.#charsInFlight + text.length <= IN_FLIGHT_CHARS_MAX;
  }

  #fail(error: unknown): void {
    this.close(lostError(error instanceof Error ? error.message : String(error), error));
  }
}
