/** Watches locks on a separate connection, and on a new one if that breaks. */
import { numberOf, type ReplyLine, valueOf } from "../wire/extended.ts";
import { unlessAborted } from "./abort.ts";
import { clientClosedError } from "./connection_errors.ts";
import { ConnectionError } from "./errors.ts";
import { errorOf } from "./refusals.ts";
import type { ClientSession } from "./session.ts";
import type { SessionPool } from "./session_pool.ts";
import type { WatchEvent } from "./types.ts";

/** How many events to buffer for a slow caller; more are dropped and reported as lost. */
const EVENTS_MAX = 10_000;

export async function* watch(
  sessions: SessionPool,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent> {
  signal?.throwIfAborted();
  let session = await sessions.take(signal);
  try {
    yield* eventsOf(session, prefix, signal);
    for (;;) {
      signal?.throwIfAborted();
      if (!sessions.reconnects || sessions.isClosed) {
        throw await session.ended ?? clientClosedError();
      }
      session = await sessions.reconnect(Infinity, signal);
      yield { event: "lost", count: 0 };
      try {
        yield* eventsOf(session, prefix, signal);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
      }
    }
  } finally {
    unwatch(sessions, session);
  }
}

/** Yields the events of one connection until it ends or the signal aborts. */
async function* eventsOf(
  session: ClientSession,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent> {
  const events = new EventBuffer(session, signal);
  const watching = session.ask("watch", prefix === "" ? [] : [prefix]);
  const reply = await unlessAborted(watching, signal);
  if (reply === undefined) return;
  if (reply.kind !== "1") throw errorOf(reply, "watch");
  yield* events.all();
}

/** Ends the watch, and returns the connection to the pool. */
async function unwatch(sessions: SessionPool, session: ClientSession): Promise<void> {
  session.onEvent = undefined;
  const reply = await session.ask("unwatch").catch(() => undefined);
  if (reply?.kind === "1") sessions.put(session);
  else session.close();
}

/** The events of one connection that the caller has not received yet. */
class EventBuffer {
  #events: WatchEvent[] = [];
  #dropped = 0;
  #hasEnded = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(session: ClientSession, signal: AbortSignal | undefined) {
    this.#signal = signal;
    session.onEvent = (line) => this.#receive(line);
    session.ended.then(() => {
      this.#hasEnded = true;
      this.#wake?.();
    });
  }

  /** Yields events until the connection ends, or the signal aborts. */
  async *all(): AsyncGenerator<WatchEvent> {
    const wake = () => this.#wake?.();
    this.#signal?.addEventListener("abort", wake);
    try {
      for (;;) {
        yield* this.#take();
        if (this.#events.length > 0) continue;
        if (this.#hasEnded || this.#signal?.aborted) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.#signal?.removeEventListener("abort", wake);
    }
  }

  *#take(): Iterable<WatchEvent> {
    const [events, dropped] = [this.#events, this.#dropped];
    this.#events = [];
    this.#dropped = 0;
    yield* events;
    if (dropped > 0) yield { event: "lost", count: dropped };
  }

  #receive(line: ReplyLine): void {
    const json = valueOf(line, "json");
    if (line.word === "lost") this.#add({ event: "lost", count: numberOf(line, "count") ?? 0 });
    else if (line.word === "event" && json !== undefined) {
      this.#add(JSON.parse(json) as WatchEvent);
    }
    this.#wake?.();
  }

  #add(event: WatchEvent): void {
    if (this.#events.length < EVENTS_MAX) this.#events.push(event);
    else this.#dropped += event.event === "lost" ? event.count : 1;
  }
}
