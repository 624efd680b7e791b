/**
 * The request loop of one connection: read a chunk, run every complete line in it, write the
 * replies at once.
 *
 * Rules
 * 1. Requests of a connection run one at a time and in order.
 * 2. The loop waits only for a promised reply, or when its time slice has expired. While a request
 *    waits for other sessions (`DeferredReply`), the session reads, and runs nothing.
 * 3. After the connection has ended, nothing runs.
 */
import type { Outcome } from "../engine/engine.ts";
import { IdleTimeout } from "../runtime/idle_timeout.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";
import type { Boundary, CloseReason, Connection, Receiver } from "../transport/connection.ts";
import type { Dialect } from "../wire/dialect.ts";
import { LineReader } from "../wire/lines.ts";
import type { CommandTable } from "./command_table.ts";
import type { Context, SessionControl } from "./context.ts";
import { dispatch } from "./gate.ts";
import { ReadAhead } from "./read_ahead.ts";
import { DeferredReply, FinalReply, type Reply } from "./reply.ts";
import { ReplyWriter } from "./reply_writer.ts";
import type { Service } from "./service.ts";

/** Replies are sent when the chunk is processed, or earlier when they are longer than this. */
const FLUSH_LENGTH = 64 * 1024;

/** The session around a request loop. */
interface LoopOwner {
  readonly context: Context;
  /** Called once, when the peer is gone; must release its locks before it returns. */
  onDeparture(reason: CloseReason): void;
  /** Called when the final reply is sent and the transport does not know. */
  onFinished(): void;
  /** Called with an error that the transport does not see. */
  onError(error: unknown): void;
}

export class RequestLoop implements Receiver, SessionControl {
  readonly #connection: Connection;
  readonly #lines: LineReader;
  readonly #table: CommandTable;
  readonly #timeSlice: TimeSlice;
  readonly #writer: ReplyWriter;
  readonly #readAhead = new ReadAhead();
  readonly #sliceCheckMask: number;
  readonly #owner: LoopOwner;
  dialect: Dialect;
  saidBye = false;
  isWebPage = false;
  /** What the final reply asked for; no input is processed after it. */
  finalAction: FinalReply["action"] | undefined;
  /** The boundary at the end of the chunk that is being processed. */
  #boundary: Boundary = "none";
  /** True while input is buffered: a request is deferred, or the read-ahead is being processed. */
  #isBuffering = false;
  /** Settles when the read-ahead is processed; undefined while a request is deferred. */
  #processing: Promise<void> | undefined;
  #isGone = false;
  /** The number of requests and pieces of replies so far. */
  #steps = 0;
  /** Present after the client has sent `deadline`. */
  #idleTimeout: IdleTimeout | undefined;

  constructor(
    connection: Connection,
    service: Service,
    ownerOf: (control: SessionControl) => LoopOwner,
  ) {
    this.#connection = connection;
    this.#table = service.table;
    this.#timeSlice = service.timeSlice;
    this.#sliceCheckMask = service.requestsPerSliceCheck - 1;
    this.#lines = new LineReader(service.lineBytesMax);
    this.#writer = new ReplyWriter(connection, service.encoder, () => this.close("lost"));
    this.dialect = service.dialect;
    this.#owner = ownerOf(this);
  }

  get context(): Context {
    return this.#owner.context;
  }

  get isDone(): boolean {
    return this.finalAction !== undefined || this.#isGone;
  }

  onClose(reason: CloseReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#idleTimeout?.stop();
    this.#readAhead.release();
    this.#owner.onDeparture(reason);
  }

  isConnected(): boolean {
    if (this.#isGone) return false;
    const reason = this.#connection.closeReason();
    // Called within a step of another session, which must complete before this one leaves.
    if (reason !== undefined) queueMicrotask(() => this.close(reason));
    return reason === undefined;
  }

  onActivity(): void {
    this.#idleTimeout?.reset();
  }

  onClosing(reason: CloseReason): void {
    // Lines behind a deferred request are not run, so waiters for its locks need not wait for them.
    if (this.#isBuffering && this.#processing === undefined) this.onClose(reason);
  }

  sendEvent(line: string): void {
    if (!this.#isGone) this.#writer.sendEvent(line);
  }

  close(reason: CloseReason): void {
    this.onClose(reason);
    this.#connection.close();
  }

  setIdleTimeout(timeoutMs: number): void {
    const connection = this.#connection;
    this.#idleTimeout ??= new IdleTimeout(
      this.context.program.clock,
      () => connection.hasUnread(),
      () => this.close("lost"),
    );
    this.#idleTimeout.set(timeoutMs);
  }

  /** Runs every line that the chunk completes, and replies; null is the end of the input. */
  onData(chunk: Uint8Array<ArrayBuffer> | null): Promise<void> | undefined {
    if (this.isDone) return undefined;
    const { boundary } = this.#connection;
    this.onActivity();
    if (this.#isBuffering) return this.#bufferAhead(chunk, boundary);
    if (!this.#push(chunk, boundary)) return undefined;
    if (this.#sliceCheckMask === 0 && this.#lines.hasNext) this.#timeSlice.start();
    const reply = this.#advance();
    if (reply === undefined) return this.#finish();
    if (!(reply instanceof DeferredReply)) return this.#process(reply);
    this.#defer(reply);
    return undefined;
  }

  /** Buffers a chunk that arrives while a request waits. The end of the input ends the wait. */
  #bufferAhead(
    chunk: Uint8Array<ArrayBuffer> | null,
    boundary: Boundary,
  ): Promise<void> | undefined {
    const isDeferred = this.#processing === undefined;
    if (chunk === null && isDeferred) return undefined;
    const space = this.#readAhead.add(chunk, boundary, this.#lines.isAtStart);
    return chunk === null ? this.#processing : space;
  }

  /** Returns false when there is nothing to run: an unfinished message is not a request. */
  #push(chunk: Uint8Array<ArrayBuffer> | null, boundary: Boundary): boolean {
    this.#boundary = boundary;
    if (chunk !== null) this.#lines.push(chunk);
    else if (boundary === "none") this.#lines.finish();
    else return false;
    return true;
  }

  /** Collects replies, up to one that is promised, long or deferred, or until a check is due. */
  #advance(): Outcome<Reply> | undefined {
    const { context } = this;
    if (this.#isGone) return undefined;
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const reply = dispatch(this.#table, this.dialect, line, context);
      if (typeof reply !== "string" || (this.#lines.hasNext && this.#isCheckDue())) return reply;
      this.#writer.replies += reply;
    }
    return undefined;
  }

  /** Continues with a reply that may take long, and the lines behind it. A loop frees each reply. */
  async #process(first: Outcome<Reply> | undefined): Promise<void> {
    this.#writer.isBusy = true;
    try {
      let reply = first;
      for (;;) {
        for (; reply !== undefined; reply = this.#advance()) {
          if (reply instanceof DeferredReply) return this.#defer(reply);
          await this.#write(reply);
          if (this.finalAction !== undefined) return await this.#writer.send();
          if (this.#isGone) return;
        }
        await this.#finish();
        const chunk = this.#readAhead.next();
        if (chunk === undefined || this.#isGone) break;
        reply = this.#push(chunk.bytes, chunk.boundary) ? this.#advance() : undefined;
      }
      this.#isBuffering = false;
    } finally {
      this.#writer.isBusy = false;
      this.#writer.sendEvents();
    }
  }

  /** Waits for other sessions. Earlier replies are sent first, except in the middle of a message. */
  #defer(deferred: DeferredReply): void {
    this.#isBuffering = true;
    this.#processing = undefined;
    // Also to a peer that has ended its sending side: it may still read.
    if (this.#boundary === "none" && this.#writer.replies !== "") this.#writer.flush();
    const reason = this.#readAhead.isEnded ? "closed" : this.#connection.closeReason();
    if (reason !== undefined) return this.onClose(reason);
    deferred.onResolve((reply) => this.#resume(reply));
  }

  /** Runs within a step of another session, and so sends the reply and runs no further request. */
  #resume(reply: string): void {
    if (this.#isGone) return;
    this.#writer.replies += reply;
    if (!this.#lines.hasNext && this.#readAhead.isEmpty && this.#boundary !== "open") {
      this.#isBuffering = false;
      return this.#writer.flush();
    }
    if (this.#boundary === "none") this.#writer.flush();
    this.#processing = Promise.resolve().then(() => this.#process(this.#advance()));
    this.#processing.then(
      () => this.finalAction !== undefined && this.#owner.onFinished(),
      (error) => {
        this.#owner.onError(error);
        this.close("lost");
      },
    );
  }

  async #write(outcome: Outcome<Reply>): Promise<void> {
    const reply = await outcome;
    if (reply instanceof DeferredReply) throw new Error("Cannot defer a promised reply");
    if (reply instanceof FinalReply) {
      this.#writer.replies += reply.text;
      this.finalAction = reply.action;
      return;
    }
    for (const piece of typeof reply === "string" ? [reply] : reply) {
      if (this.#isCheckDue()) await this.#pause();
      this.#writer.replies += piece;
    }
    await this.#pause();
  }

  /** Sends the collected replies, after all lines of the chunk have run. */
  #finish(): Promise<void> | undefined {
    const boundary = this.#boundary;
    const { replies } = this.#writer;
    // A message without an end is answered while it arrives.
    if (boundary === "open") {
      return replies.length > FLUSH_LENGTH ? this.#writer.send("more") : undefined;
    }
    return boundary === "end" || replies !== "" && boundary === "none"
      ? this.#writer.send()
      : undefined;
  }

  /** Returns whether to flush or yield. Reading the clock costs as much as a lock, so it is rare. */
  #isCheckDue(): boolean {
    if (this.#writer.replies.length > FLUSH_LENGTH) return true;
    return (++this.#steps & this.#sliceCheckMask) === 0 && this.#timeSlice.isExpired();
  }

  /** Sends the collected text, to bound it, and yields to other sessions if the slice has expired. */
  async #pause(): Promise<void> {
    if (this.#writer.replies.length > FLUSH_LENGTH) await this.#writer.send("more");
    if (this.#timeSlice.isExpired()) await this.#timeSlice.yield();
    this.onActivity(); // the connection was not read meanwhile, and the peer has taken the text
  }
}
