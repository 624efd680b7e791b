/**
 * What one session says: replies in the order of their requests, and between them what its peer is
 * told unasked. Law: an event never comes into the middle of a reply or of a message, and waits in
 * a bounded room: a peer that reads too slowly is told how many it has missed.
 */
import { EVENT_BUFFER_LENGTH_MAX } from "../limits.ts";
import type { Connection } from "../transport/connection.ts";
import type { Encoder } from "../wire/bytes.ts";
import { writeLine } from "../wire/extended.ts";

export class ReplyWriter {
  /** What has gathered of the reply, or the replies. */
  replies = "";
  /** Whether a reply is under way that comes in pieces. */
  isBusy = false;
  readonly #connection: Connection;
  readonly #encoder: Encoder;
  readonly #fail: () => void;
  /** Whether a message has begun that is not done. */
  #isFragmented = false;
  /** What is on its way, when that takes time. */
  #writing: Promise<void> | undefined;
  #events = "";
  #missed = 0;
  #isScheduled = false;

  /** @param fail what to do when nothing can be said any more. */
  constructor(connection: Connection, encoder: Encoder, fail: () => void) {
    this.#connection = connection;
    this.#encoder = encoder;
    this.#fail = fail;
  }

  /** Sends what has gathered; with `more`, the next goes on with the same message. */
  send(more?: "more"): Promise<void> | undefined {
    const text = this.replies;
    this.replies = "";
    this.#isFragmented = more !== undefined && this.#connection.boundary !== "none";
    const writing = this.#write(text, more);
    if (more === undefined) this.#scheduleEvents(); // what the message has kept back
    return writing;
  }

  /** The same when nobody waits for it: what goes wrong ends the session. */
  flush(): void {
    try {
      this.send()?.catch(this.#fail);
    } catch {
      this.#fail();
    }
  }

  /** Says a line that nobody asked for, as soon as there is room for it. */
  sendEvent(line: string): void {
    const isFull = this.#events.length + line.length > EVENT_BUFFER_LENGTH_MAX;
    // A single one may be as long as a name can be.
    if (this.#missed > 0 || isFull && this.#events !== "") this.#missed++;
    else this.#events += line;
    this.#scheduleEvents();
  }

  /** Together with what else happens at this moment. */
  #scheduleEvents(): void {
    if (this.#isScheduled || this.#events === "" && this.#missed === 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.sendEvents());
  }

  /** Says what nobody asked for, unless a reply is under way. */
  sendEvents(): void {
    this.#isScheduled = false;
    if (this.isBusy || this.#isFragmented || this.#writing !== undefined) return;
    if (this.#events === "" && this.#missed === 0) return;
    const text = this.#events;
    const missed = this.#missed;
    this.#events = "";
    this.#missed = 0;
    try {
      const lost = missed === 0 ? "" : writeLine("*", "lost", { count: missed });
      this.#write(text + lost)?.catch(this.#fail);
    } catch {
      this.#fail();
    }
  }

  #write(text: string, more?: "more"): Promise<void> | undefined {
    const bytes = this.#encoder.encode(text);
    if (this.#writing !== undefined) {
      const copy = bytes.slice();
      return this.#await(this.#writing.then(() => this.#connection.write(copy, more)));
    }
    const writing = this.#connection.write(bytes, more);
    return writing && this.#await(writing);
  }

  /** One write at a time, in order. */
  #await(writing: Promise<void>): Promise<void> {
    this.#writing = writing;
    const done = () => {
      if (this.#writing !== writing) return;
      this.#writing = undefined;
      this.sendEvents();
    };
    writing.then(done, done);
    return writing;
  }
}
