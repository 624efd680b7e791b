/**
 * The connections of a client. Keeps idle connections for reuse, and closes all connections with
 * the client.
 */
import { anySignal } from "./abort.ts";
import { BackOff, sleep } from "./backoff.ts";
import { clientClosedError } from "./connection_errors.ts";
import type { Dialer } from "./dial/mod.ts";
import { ConnectionError } from "./errors.ts";
import { ClientSession, type ClientSessionOptions } from "./session.ts";

const IDLE_SESSIONS_MAX = 4;
/** How long `close` waits for background tasks. */
const BACKGROUND_TASKS_MS_MAX = 2_000;

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
  /** Aborted when `close` is called. */
  readonly #closed = new AbortController();
  /** Aborted when background tasks must stop too. */
  readonly #terminated = new AbortController();
  readonly #backgroundTasks = new Set<Promise<void>>();

  constructor(dialer: Dialer, options: SessionPoolOptions) {
    this.url = dialer.url;
    this.reconnects = options.reconnect;
    this.#dialer = dialer;
    this.#options = options;
  }

  /** Returns an idle connection or a new one. Throws `ConnectionError`, or the signal's reason. */
  async take(signal?: AbortSignal): Promise<ClientSession> {
    signal?.throwIfAborted();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isOpen) return idle;
    }
    return await this.open(signal);
  }

  /** Opens a new connection. Throws `ConnectionError`, or the signal's reason. */
  async open(signal?: AbortSignal): Promise<ClientSession> {
    return await this.#open([this.#closed.signal, signal]);
  }

  async #open(signals: readonly (AbortSignal | undefined)[]): Promise<ClientSession> {
    const either = anySignal(signals);
    try {
      const session = await ClientSession.open(this.#dialer, this.#options, either.signal);
      if (either.signal.aborted) session.close(); // aborted just after it was opened
      either.signal.throwIfAborted();
      this.#all.add(session);
      session.ended.then(() => this.#all.delete(session));
      return session;
    } finally {
      either.release();
    }
  }

  /**
   * Opens a new connection; pauses between attempts. Throws the last `ConnectionError` after
   * `untilMs` (`performance.now`), or the signal's reason.
   */
  async reconnect(untilMs: number, signal?: AbortSignal): Promise<ClientSession> {
    return await this.#reconnect(untilMs, [this.#closed.signal, signal]);
  }

  /** Like `reconnect`, even while the client is closing; for background tasks. */
  async reconnectEvenIfClosing(untilMs: number): Promise<ClientSession> {
    return await this.#reconnect(untilMs, [this.#terminated.signal]);
  }

  async #reconnect(
    untilMs: number,
    signals: readonly (AbortSignal | undefined)[],
  ): Promise<ClientSession> {
    const either = anySignal(signals);
    try {
      for (const backOff = new BackOff();;) {
        try {
          return await this.#open([either.signal]);
        } catch (error) {
          const leftMs = untilMs - performance.now();
          const isOver = leftMs <= 0 || either.signal.aborted;
          if (!(error instanceof ConnectionError) || isOver) throw error;
          await sleep(Math.min(leftMs, backOff.nextMs()), either.signal);
        }
      }
    } finally {
      either.release();
    }
  }

  /** Ignores the task's result; `close` waits up to `BACKGROUND_TASKS_MS_MAX` for it. */
  runInBackground(task: Promise<void>): void {
    const settled = task.catch(() => {}).finally(() => this.#backgroundTasks.delete(settled));
    this.#backgroundTasks.add(settled);
  }

  /** Takes back a connection that holds no locks and watches nothing. */
  put(session: ClientSession): void {
    session.onEvent = undefined;
    if (!session.isOpen) return;
    if (this.#idle.length < IDLE_SESSIONS_MAX && !this.isClosed) this.#idle.push(session);
    else session.bye();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Closes all connections with `bye`; does not wait where a reply is pending. */
  async close(): Promise<void> {
    this.#closed.abort(clientClosedError());
    this.#idle = [];
    await Promise.all([...this.#all].map((session) => session.shutdown()));
    if (this.#backgroundTasks.size > 0) {
      const timeout = new AbortController();
      const settled = Promise.all(this.#backgroundTasks).then(() => timeout.abort());
      await Promise.race([settled, sleep(BACKGROUND_TASKS_MS_MAX, timeout.signal)]);
    }
    this.#terminated.abort(clientClosedError());
  }
}
