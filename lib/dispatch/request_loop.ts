/**
 * What is said and answered on one connection: read a chunk, run every whole line in it, write the
 * replies once.
 *
 * Laws
 * 1. Requests of a connection run one at a time and in order.
 * 2. The loop waits only when it was handed a promise, or when it has had its turn. While a request
 *    waits for others (`Later`), the session listens, but runs nothing.
 * 3. Who is gone runs nothing more.
 */
import type { Outcome } from "../engine/engine.ts";
import type { Boundary, CloseReason, Connection, Receiver } from "../transport/connection.ts";
import type { Dialect } from "../wire/dialect.ts";
import { LineReader } from "../wire/lines.ts";
import { ReadAhead } from "./read_ahead.ts";
import {
  type Context,
  DeferredReply,
  FinalReply,
  type Reply,
  type SessionControl,
} from "./command.ts";
import { IdleTimeout } from "../runtime/idle_timeout.ts";
import { dispatch } from "./gate.ts";
import type { Service } from "./session.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";
import { ReplyWriter } from "./reply_writer.ts";

/** Replies are sent when a chunk is done, or earlier once this much text has gathered. */
const FLUSH_LENGTH = 64 * 1024;

/** What a conversation tells the session around it. */
interface LoopOwner {
  readonly context: Context;
  /** The peer is gone: at once, whoever asks next must find its locks free. */
  left(how: CloseReason): void;
  /** The last word is said, and nobody who reads from the connection knows. */
  over(): void;
  /** Something was thrown that nobody who reads from the connection will hear of. */
  bug(error: unknown): void;
}

export class RequestLoop implements Receiver, SessionControl {
  readonly #connection: Connection;
  readonly #lines: LineReader;
  readonly #turn: TimeSlice;
  readonly #voice: ReplyWriter;
  readonly #ahead = new ReadAhead();
  readonly #lookMask: number;
  readonly #around: LoopOwner;
  dialect: Dialect;
  saidBye = false;
  isWebPage = false;
  /** What a farewell has asked for; nothing is heard after it. */
  then: FinalReply["action"] | undefined;
  /** Where the piece left off that is worked on. */
  #edge: Boundary = "none";
  /** Whether a request waits for others, or has and what came meanwhile is worked on. */
  #isOccupied = false;
  /** The latter. */
  #working: Promise<void> | undefined;
  #isGone = false;
  /** Requests and pieces of replies so far. */
  #steps = 0;
  /** Of the few who have asked for one. */
  #deadline: IdleTimeout | undefined;

  constructor(connection: Connection, service: Service, around: (me: SessionControl) => LoopOwner) {
    this.#connection = connection;
    this.#turn = service.turn;
    this.#lookMask = service.requestsPerSliceCheck - 1;
    this.#lines = new LineReader(service.lineBytesMax);
    this.#voice = new ReplyWriter(connection, service.encoder, () => this.close("lost"));
    this.dialect = service.dialect;
    this.#around = around(this);
  }

  get context(): Context {
    return this.#around.context;
  }

  get isOver(): boolean {
    return this.then !== undefined || this.#isGone;
  }

  onClose(how: CloseReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#deadline?.stop();
    this.#ahead.release();
    this.#around.left(how);
  }

  isConnected(): boolean {
    if (this.#isGone) return false;
    const how = this.#connection.closeReason();
    // Asked in a step of others, which must be over before this one leaves.
    if (how !== undefined) queueMicrotask(() => this.close(how));
    return how === undefined;
  }

  onActivity(): void {
    this.#deadline?.reset();
  }

  onClosing(how: CloseReason): void {
    // What it sent behind a request that waits is not run; what others wait for is not held up.
    if (this.#isOccupied && this.#working === undefined) this.onClose(how);
  }

  sendEvent(line: string): void {
    if (!this.#isGone) this.#voice.sendEvent(line);
  }

  close(how: CloseReason): void {
    this.onClose(how);
    this.#connection.close();
  }

  setIdleTimeout(silenceMs: number): void {
    const connection = this.#connection;
    this.#deadline ??= new IdleTimeout(
      this.context.program.clock,
      () => connection.hasUnread(),
      () => this.close("lost"),
    );
    this.#deadline.set(silenceMs);
  }

  /** Runs every line that the chunk completes, and answers; null is the end of the input. */
  onData(chunk: Uint8Array<ArrayBuffer> | null): Promise<void> | undefined {
    if (this.isOver) return undefined;
    const { boundary } = this.#connection;
    this.onActivity();
    if (this.#isOccupied) return this.#hearAhead(chunk, boundary);
    if (!this.#takeIn(chunk, boundary)) return undefined;
    if (this.#lookMask === 0 && this.#lines.hasNext) this.#turn.start();
    const reply = this.#advance();
    if (reply === undefined) return this.#finish();
    if (!(reply instanceof DeferredReply)) return this.#work(reply);
    this.#park(reply);
    return undefined;
  }

  /** What comes while a request waits. Who will say nothing more, waits for nothing. */
  #hearAhead(chunk: Uint8Array<ArrayBuffer> | null, edge: Boundary): Promise<void> | undefined {
    const isWaiting = this.#working === undefined;
    if (chunk === null && isWaiting) return undefined;
    const room = this.#ahead.add(chunk, edge, this.#lines.isAtStart);
    return chunk === null ? this.#working : room;
  }

  /** False when there is nothing to run: half a message at the end is no request. */
  #takeIn(chunk: Uint8Array<ArrayBuffer> | null, edge: Boundary): boolean {
    this.#edge = edge;
    if (chunk !== null) this.#lines.push(chunk);
    else if (edge === "none") this.#lines.finish();
    else return false;
    return true;
  }

  /** Gathers replies, up to one that takes its time: a promised or long one, or one that comes late. */
  #advance(): Outcome<Reply> | undefined {
    const { context } = this;
    if (this.#isGone) return undefined;
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const reply = dispatch(this.dialect, line, context);
      if (typeof reply !== "string" || (this.#lines.hasNext && this.#isDue())) return reply;
      this.#voice.replies += reply;
    }
    return undefined;
  }

  /** Goes on with such a reply and all behind it: a loop, so that no reply outlives its turn. */
  async #work(first: Outcome<Reply> | undefined): Promise<void> {
    this.#voice.isBusy = true;
    try {
      let reply = first;
      for (;;) {
        for (; reply !== undefined; reply = this.#advance()) {
          if (reply instanceof DeferredReply) return this.#park(reply);
          await this.#say(reply);
          if (this.then !== undefined) return await this.#voice.send();
          if (this.#isGone) return;
        }
        await this.#finish();
        const piece = this.#ahead.next();
        if (piece === undefined || this.#isGone) break;
        reply = this.#takeIn(piece.bytes, piece.boundary) ? this.#advance() : undefined;
      }
      this.#isOccupied = false;
    } finally {
      this.#voice.isBusy = false;
      this.#voice.sendEvents();
    }
  }

  /** Waits for others. What has been said before goes out, where a message is not open for it. */
  #park(later: DeferredReply): void {
    this.#isOccupied = true;
    this.#working = undefined;
    // Also to one that says nothing more: it may well listen to what it was told.
    if (this.#edge === "none" && this.#voice.replies !== "") this.#voice.flush();
    const how = this.#ahead.isEnded ? "closed" : this.#connection.closeReason();
    if (how !== undefined) return this.onClose(how);
    later.onResolve((reply) => this.#resume(reply));
  }

  /** Others have let it go on: in a step of theirs, so that only the reply goes out at once. */
  #resume(reply: string): void {
    if (this.#isGone) return;
    this.#voice.replies += reply;
    if (!this.#lines.hasNext && this.#ahead.isEmpty && this.#edge !== "open") {
      this.#isOccupied = false;
      return this.#voice.flush();
    }
    if (this.#edge === "none") this.#voice.flush();
    this.#working = Promise.resolve().then(() => this.#work(this.#advance()));
    this.#working.then(
      () => this.then !== undefined && this.#around.over(),
      (error) => {
        this.#around.bug(error);
        this.close("lost");
      },
    );
  }

  async #say(promised: Outcome<Reply>): Promise<void> {
    const reply = await promised;
    if (reply instanceof DeferredReply) throw new Error("a promised reply cannot be put off");
    if (reply instanceof FinalReply) {
      this.#voice.replies += reply.text;
      this.then = reply.action;
      return;
    }
    for (const piece of typeof reply === "string" ? [reply] : reply) {
      if (this.#isDue()) await this.#breathe();
      this.#voice.replies += piece;
    }
    await this.#breathe();
  }

  /** All lines of the chunk are done. */
  #finish(): Promise<void> | undefined {
    const edge = this.#edge;
    const { replies } = this.#voice;
    // A message that goes on and on is answered as it goes.
    if (edge === "open") {
      return replies.length > FLUSH_LENGTH ? this.#voice.send("more") : undefined;
    }
    return edge === "end" || replies !== "" && edge === "none" ? this.#voice.send() : undefined;
  }

  /** Whether to stop and look after others. The clock costs as much as a lock: it is asked seldom. */
  #isDue(): boolean {
    if (this.#voice.replies.length > FLUSH_LENGTH) return true;
    return (++this.#steps & this.#lookMask) === 0 && this.#turn.isExpired();
  }

  /** Sends what has gathered, so that it stays little, and lets others have their turn. */
  async #breathe(): Promise<void> {
    if (this.#voice.replies.length > FLUSH_LENGTH) await this.#voice.send("more");
    if (this.#turn.isExpired()) await this.#turn.yield();
    this.onActivity(); // nothing was read meanwhile, and what is said to it is taken
  }
}
