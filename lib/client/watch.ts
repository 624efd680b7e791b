/** What happens to locks, as it happens: a connection of its own, made anew when it breaks. */
import { numberOf, type ReplyLine, valueOf } from "../wire/extended.ts";
import { ConnectionError } from "./errors.ts";
import { errorOf } from "./refusals.ts";
import type { ClientSession } from "./session.ts";
import type { SessionPool } from "./session_pool.ts";
import { unlessAborted } from "./abort.ts";
import type { WatchEvent } from "./types.ts";

/** So many events wait for one who does not take them; then some are lost, and it is told so. */
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
      if (!sessions.reconnects || sessions.isClosed) throw await whyEnded(session);
      session = await sessions.reopen(Infinity, signal);
      yield { event: "lost", count: 0 };
      try {
        yield* eventsOf(session, prefix, signal);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
      }
    }
  } finally {
    part(sessions, session);
  }
}

/** Those that come by one connection, until it ends or the signal is aborted. */
async function* eventsOf(
  session: ClientSession,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent> {
  const events = new Events(session, signal);
  const asked = session.ask("watch", prefix === "" ? [] : [prefix]);
  const reply = await unlessAborted(asked, signal);
  if (reply === undefined) return;
  if (reply.kind !== "1") throw errorOf(reply, "watch");
  yield* events.all();
}

async function whyEnded(session: ClientSession): Promise<ConnectionError> {
  return await session.ended ?? new ConnectionError("the client was closed");
}

/** Hands the connection on. */
async function part(sessions: SessionPool, session: ClientSession): Promise<void> {
  session.onEvent = undefined;
  const reply = await session.ask("unwatch").catch(() => undefined);
  if (reply?.kind === "1") sessions.put(session);
  else session.cut();
}

/** Those that have come by one connection and were not taken yet. */
class Events {
  #waiting: WatchEvent[] = [];
  #missed = 0;
  #isOver = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(session: ClientSession, signal: AbortSignal | undefined) {
    this.#signal = signal;
    session.onEvent = (line) => this.#hear(line);
    session.ended.then(() => {
      this.#isOver = true;
      this.#wake?.();
    });
  }

  /** Until the connection ends, or the signal is aborted. */
  async *all(): AsyncGenerator<WatchEvent> {
    const wake = () => this.#wake?.();
    this.#signal?.addEventListener("abort", wake);
    try {
      for (;;) {
        yield* this.#take();
        if (this.#waiting.length > 0) continue;
        if (this.#isOver || this.#signal?.aborted) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.#signal?.removeEventListener("abort", wake);
    }
  }

  *#take(): Iterable<WatchEvent> {
    const [events, missed] = [this.#waiting, this.#missed];
    this.#waiting = [];
    this.#missed = 0;
    yield* events;
    if (missed > 0) yield { event: "lost", count: missed };
  }

  #hear(line: ReplyLine): void {
    const json = valueOf(line, "json");
    if (line.word === "lost") this.#keep({ event: "lost", count: numberOf(line, "count") ?? 0 });
    else if (line.word === "event" && json !== undefined) {
      this.#keep(JSON.parse(json) as WatchEvent);
    }
    this.#wake?.();
  }

  #keep(event: WatchEvent): void {
    if (this.#waiting.length < EVENTS_MAX) this.#waiting.push(event);
    else this.#missed += event.event === "lost" ? event.count : 1;
  }
}
