/**
 * All connections of a client: those that nobody uses are kept for the next who needs one, and all
 * are known, so that they can be closed.
 */
import type { Dialer } from "./dial/mod.ts";
import { ConnectionError } from "./errors.ts";
import { ClientSession, type ClientSessionOptions } from "./session.ts";
import { anySignal } from "./abort.ts";
import { BackOff, sleep } from "./backoff.ts";

const IDLE_MAX = 4;
/** How long the last things may take when the client is closed. */
const LAST_MS = 2_000;

export interface SessionPoolOptions extends ClientSessionOptions {
  readonly reconnect: boolean;
}

export class SessionPool {
  readonly url: string;
  readonly reconnects: boolean;
  readonly #dialer: Dialer;
  readonly #options: ClientSessionOptions;
  readonly #all = new Set<ClientSession>();
  #idle: ClientSession[] = [];
  /** Aborted when the client is closed. */
  readonly #closed = new AbortController();
  /** Aborted when even the last things are to end. */
  readonly #over = new AbortController();
  /** What goes on behind the back of whoever asked. */
  readonly #lastThings = new Set<Promise<void>>();

  constructor(dialer: Dialer, options: SessionPoolOptions) {
    this.url = dialer.url;
    this.reconnects = options.reconnect;
    this.#dialer = dialer;
    this.#options = options;
  }

  /** A connection of one's own: an idle one or a new one. ConnectionError, the signal's reason. */
  async take(signal?: AbortSignal): Promise<ClientSession> {
    signal?.throwIfAborted();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isOpen) return idle;
    }
    return await this.open(signal);
  }

  /** A new connection. ConnectionError, the signal's reason. */
  async open(signal?: AbortSignal): Promise<ClientSession> {
    return await this.#open([this.#closed.signal, signal]);
  }

  async #open(signals: readonly (AbortSignal | undefined)[]): Promise<ClientSession> {
    const either = anySignal(signals);
    try {
      const session = await ClientSession.open(this.#dialer, this.#options, either.signal);
      if (either.signal.aborted) session.cut(); // at the moment when it was there
      either.signal.throwIfAborted();
      this.#all.add(session);
      session.ended.then(() => this.#all.delete(session));
      return session;
    } finally {
      either.release();
    }
  }

  /** Tries again and again, with pauses; ConnectionError when `untilMs` (performance.now) is over. */
  async reopen(untilMs: number, signal?: AbortSignal): Promise<ClientSession> {
    return await this.#reopen(untilMs, [this.#closed.signal, signal]);
  }

  /** The same for what must be brought to an end when the client is closed, too. */
  async reopenAtLast(untilMs: number): Promise<ClientSession> {
    return await this.#reopen(untilMs, [this.#over.signal]);
  }

  async #reopen(
    untilMs: number,
    signals: readonly (AbortSignal | undefined)[],
  ): Promise<ClientSession> {
    const either = anySignal(signals);
    try {
      for (const pause = new BackOff();;) {
        try {
          return await this.#open([either.signal]);
        } catch (error) {
          const leftMs = untilMs - performance.now();
          const isOver = leftMs <= 0 || either.signal.aborted;
          if (!(error instanceof ConnectionError) || isOver) throw error;
          await sleep(Math.min(leftMs, pause.nextMs()), either.signal);
        }
      }
    } finally {
      either.release();
    }
  }

  /** Something that is seen to behind the back of whoever asked; `close` waits for it a little. */
  seeTo(thing: Promise<void>): void {
    const seen = thing.catch(() => {}).finally(() => this.#lastThings.delete(seen));
    this.#lastThings.add(seen);
  }

  /** Gives one back that holds nothing and watches nothing. */
  put(session: ClientSession): void {
    session.onEvent = undefined;
    if (!session.isOpen) return;
    if (this.#idle.length < IDLE_MAX && !this.isClosed) this.#idle.push(session);
    else session.bye();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Says bye on all of them; those that wait for something are ended at once. */
  async close(): Promise<void> {
    this.#closed.abort(new ConnectionError("the client was closed"));
    this.#idle = [];
    await Promise.all([...this.#all].map((session) => session.leave()));
    if (this.#lastThings.size > 0) {
      const hurry = new AbortController();
      const seen = Promise.all(this.#lastThings).then(() => hurry.abort());
      await Promise.race([seen, sleep(LAST_MS, hurry.signal)]);
    }
    this.#over.abort(new ConnectionError("the client was closed"));
  }
}
