/**
 * The request loop of one connection: read a chunk, run every complete line in it, write the
 * replies at once.
 *
 * Rules
 * 1. Requests of a connection run one at a time and in order.
 * 2. The loop awaits only a reply that is a promise, a write, or its next time slice. While a reply is
 *    deferred (`DeferredReply`, resolved by another session), it buffers input and runs no request.
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
interface LoopDelegate {
  readonly context: Context;
  /** Called once, when the peer is gone; must release its locks before it returns. */
  onDeparture(reason: CloseReason): void;
  /** Called after the final reply if `onData` has returned, so that `pump` cannot tell. */
  onFinished(): void;
  /** Called with an error thrown after `onData` has returned. */
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
  readonly #delegate: LoopDelegate;
  dialect: Dialect;
  /** Set by `bye`. */
  saidBye = false;
  /** Set when a line of HTTP arrives. */
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
  /** The number of requests and reply parts so far. */
  #workCount = 0;
  /** Present after the client has sent `deadline`. */
  #idleTimeout: IdleTimeout | undefined;

  constructor(
    connection: Connection,
    service: Service,
    createDelegate: (control: SessionControl) => LoopDelegate,
  ) {
    this.#connection = connection;
    this.#table = service.table;
    this.#timeSlice = service.timeSlice;
    this.#sliceCheckMask = service.requestsPerSliceCheck - 1;
    this.#lines = new LineReader(service.lineBytesMax);
    this.#writer = new ReplyWriter(connection, service.encoder, () => this.close("lost"));
    this.dialect = service.dialect;
    this.#delegate = createDelegate(this);
  }

  get #isDeferred(): boolean {
    return this.#isBuffering && this.#processing === undefined;
  }

  get context(): Context {
    return this.#delegate.context;
  }

  get isDone(): boolean {
    return this.finalAction !== undefined || this.#isGone;
  }

  onClose(reason: CloseReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#idleTimeout?.stop();
    this.#readAhead.release();
    this.#delegate.onDeparture(reason);
  }

  isConnected(): boolean {
    if (this.#isGone) return false;
    const reason = this.#connection.closeReason();
    // Called while another session's request runs, which must finish before this session leaves.
    if (reason !== undefined) queueMicrotask(() => this.close(reason));
    return reason === undefined;
  }

  onActivity(): void {
    this.#idleTimeout?.reset();
  }

  onClosing(reason: CloseReason): void {
    // The peer is gone, so the lines behind a deferred request will never run. Leaves now, so that
    // clients waiting for the locks of this session are not delayed.
    if (this.#isDeferred) this.onClose(reason);
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
    if (!this.#feed(chunk, boundary)) return undefined;
    if (this.#sliceCheckMask === 0 && this.#lines.hasNext) this.#timeSlice.start();
    const reply = this.#runLines();
    if (reply === undefined) return this.#sendReplies();
    if (!(reply instanceof DeferredReply)) return this.#runAsync(reply);
    this.#defer(reply);
    return undefined;
  }

  /**
   * Buffers a chunk that arrives while a request waits. At the end of the input, returns undefined
   * while a reply is deferred, so that the transport closes the session.
   */
  #bufferAhead(
    chunk: Uint8Array<ArrayBuffer> | null,
    boundary: Boundary,
  ): Promise<void> | undefined {
    if (chunk === null && this.#isDeferred) return undefined;
    const space = this.#readAhead.add(chunk, boundary, this.#lines.isAtStart);
    return chunk === null ? this.#processing : space;
  }

  /** Returns false when there is nothing to run: an unfinished message is not a request. */
  #feed(chunk: Uint8Array<ArrayBuffer> | null, boundary: Boundary): boolean {
    this.#boundary = boundary;
    if (chunk !== null) this.#lines.push(chunk);
    else if (boundary === "none") this.#lines.finish();
    else return false;
    return true;
  }

  /**
   * Runs buffered lines and collects their replies. Stops at the first reply that cannot be appended at
   * once (a promise, parts, deferred, final), or when it is time to flush or yield, and returns that
   * reply. Returns undefined when no lines are left.
   */
  #runLines(): Outcome<Reply> | undefined {
    const { context } = this;
    if (this.#isGone) return undefined;
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const reply = dispatch(this.#table, this.dialect, line, context);
      if (typeof reply !== "string" || (this.#lines.hasNext && this.#isCheckDue())) return reply;
      this.#writer.replies += reply;
    }
    return undefined;
  }

  /**
   * Sends a reply that must be awaited, then runs the remaining lines. Iterates rather than recurses,
   * so that each reply can be garbage-collected.
   */
  async #runAsync(first: Outcome<Reply> | undefined): Promise<void> {
    this.#writer.isBusy = true;
    try {
      let reply = first;
      for (;;) {
        for (; reply !== undefined; reply = this.#runLines()) {
          if (reply instanceof DeferredReply) return this.#defer(reply);
          await this.#write(reply);
          if (this.finalAction !== undefined) return await this.#writer.send();
          if (this.#isGone) return;
        }
        await this.#sendReplies();
        const chunk = this.#readAhead.next();
        if (chunk === undefined || this.#isGone) break;
        reply = this.#feed(chunk.bytes, chunk.boundary) ? this.#runLines() : undefined;
      }
      this.#isBuffering = false;
    } finally {
      this.#writer.isBusy = false;
      this.#writer.sendEvents();
    }
  }

  /** Waits for another session to resolve the reply. Sends earlier replies first, between messages. */
  #defer(deferred: DeferredReply): void {
    this.#isBuffering = true;
    this.#processing = undefined;
    // Flushes even if the peer has half-closed the connection: it can still read.
    if (this.#boundary === "none" && this.#writer.replies !== "") this.#writer.flush();
    const reason = this.#readAhead.isEnded ? "closed" : this.#connection.closeReason();
    if (reason !== undefined) return this.onClose(reason);
    deferred.onResolve((reply) => this.#onDeferredReply(reply));
  }

  /**
   * Sends the reply. Runs while another session's request runs, so further requests of this session run
   * later.
   */
  #onDeferredReply(reply: string): void {
    if (this.#isGone) return;
    this.#writer.replies += reply;
    if (!this.#lines.hasNext && this.#readAhead.isEmpty && this.#boundary !== "open") {
      this.#isBuffering = false;
      return this.#writer.flush();
    }
    if (this.#boundary === "none") this.#writer.flush();
    this.#processing = Promise.resolve().then(() => this.#runAsync(this.#runLines()));
    this.#processing.then(
      () => this.finalAction !== undefined && this.#delegate.onFinished(),
      (error) => {
        this.#delegate.onError(error);
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
    for (const part of typeof reply === "string" ? [reply] : reply) {
      if (this.#isCheckDue()) await this.#pause();
      this.#writer.replies += part;
    }
    await this.#pause();
  }

  /** Sends the collected replies at the end of a chunk. */
  #sendReplies(): Promise<void> | undefined {
    const boundary = this.#boundary;
    const { replies } = this.#writer;
    // While a message is still arriving, sends its replies only when they exceed `FLUSH_LENGTH`.
    if (boundary === "open") {
      return replies.length > FLUSH_LENGTH ? this.#writer.send("more") : undefined;
    }
    return boundary === "end" || replies !== "" && boundary === "none"
      ? this.#writer.send()
      : undefined;
  }

  /**
   * Returns whether to flush or yield. Reading the clock costs as much as acquiring a lock, so it is
   * read only once every `requestsPerSliceCheck` requests.
   */
  #isCheckDue(): boolean {
    if (this.#writer.replies.length > FLUSH_LENGTH) return true;
    return (++this.#workCount & this.#sliceCheckMask) === 0 && this.#timeSlice.isExpired();
  }

  /** Flushes if too much text has been collected, and yields if the time slice has expired. */
  async #pause(): Promise<void> {
    if (this.#writer.replies.length > FLUSH_LENGTH) await this.#writer.send("more");
    if (this.#timeSlice.isExpired()) await this.#timeSlice.yield();
    this.onActivity(); // nothing was read in the meantime, but the peer has accepted our output
  }
}
