/**
 * Writes the output of one session: replies in the order of their requests, and events between
 * them. Rules: an event never interrupts a reply or a message. Events are buffered up to a limit; a
 * peer that reads too slowly is sent the number of events that it missed.
 */
import { EVENT_BUFFER_LENGTH_MAX } from "../limits.ts";
import type { Connection } from "../transport/connection.ts";
import type { Encoder } from "../wire/bytes.ts";
import { writeLine } from "../wire/extended.ts";

export class ReplyWriter {
  /** The replies, or parts of a reply, that are not sent yet. */
  replies = "";
  /** Whether the request loop is writing a reply that it must await. Events are held back. */
  isBusy = false;
  readonly #connection: Connection;
  readonly #encoder: Encoder;
  readonly #onFailure: () => void;
  /** Whether the beginning of a message is sent, but not its end. */
  #isFragmented = false;
  /** The write in progress, if it did not complete at once. */
  #writing: Promise<void> | undefined;
  /** The events that are not sent yet. */
  #events = "";
  /** The number of events that were dropped after those in `#events`. */
  #missed = 0;
  #isScheduled = false;

  /** @param onFailure called when a write fails that no caller awaits. */
  constructor(connection: Connection, encoder: Encoder, onFailure: () => void) {
    this.#connection = connection;
    this.#encoder = encoder;
    this.#onFailure = onFailure;
  }

  /** Sends the collected replies; with `more`, the next call continues the same message. */
  send(more?: "more"): Promise<void> | undefined {
    const text = this.replies;
    this.replies = "";
    this.#isFragmented = more !== undefined && this.#connection.boundary !== "none";
    const writing = this.#write(text, more);
    if (more === undefined) this.#scheduleEvents(); // the message may have delayed events
    return writing;
  }

  /** Sends the collected replies for a caller that does not await the write. */
  flush(): void {
    try {
      this.send()?.catch(this.#onFailure);
    } catch {
      this.#onFailure();
    }
  }

  /** Sends an event line as soon as possible, or counts it as missed when the buffer is full. */
  sendEvent(line: string): void {
    const isFull = this.#events.length + line.length > EVENT_BUFFER_LENGTH_MAX;
    // A single event may be longer than the limit, because it contains the name of a lock.
    if (this.#missed > 0 || isFull && this.#events !== "") this.#missed++;
    else this.#events += line;
    this.#scheduleEvents();
  }

  /** Schedules one write for all events that are reported until the current code returns. */
  #scheduleEvents(): void {
    if (this.#isScheduled || this.#events === "" && this.#missed === 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.sendEvents());
  }

  /** Sends the buffered events, unless a reply, a message or a write is in progress. */
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
      this.#write(text + lost)?.catch(this.#onFailure);
    } catch {
      this.#onFailure();
    }
  }

  #write(text: string, more?: "more"): Promise<void> | undefined {
    const bytes = this.#encoder.encode(text);
    if (this.#writing !== undefined) {
      const copy = bytes.slice();
      return this.#track(this.#writing.then(() => this.#connection.write(copy, more)));
    }
    const writing = this.#connection.write(bytes, more);
    return writing && this.#track(writing);
  }

  /** Remembers the write in progress, so that writes run one at a time and in order. */
  #track(writing: Promise<void>): Promise<void> {
    this.#writing = writing;
    const onSettled = () => {
      if (this.#writing !== writing) return;
      this.#writing = undefined;
      this.sendEvents();
    };
    writing.then(onSettled, onSettled);
    return writing;
  }
}
