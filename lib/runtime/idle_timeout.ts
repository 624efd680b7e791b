/** The idle timeout of a connection. Bytes count when they arrive, even before they are read. */
import type { Clock, Timer } from "../clock.ts";

export class IdleTimeout {
  readonly #clock: Clock;
  readonly #hasUnread: () => boolean;
  readonly #onTimeout: () => void;
  readonly #timer: Timer;
  #timeoutMs = 0;
  #lastActivityMs = 0;
  /** Whether the timeout was extended because of unread bytes since the last activity. */
  #wasUnread = false;

  /**
   * @param hasUnread returns whether bytes have arrived that are not read yet.
   * @param onTimeout called when no bytes arrive for the duration of the timeout.
   */
  constructor(clock: Clock, hasUnread: () => boolean, onTimeout: () => void) {
    this.#clock = clock;
    this.#hasUnread = hasUnread;
    this.#onTimeout = onTimeout;
    this.#timer = clock.timer(() => this.#check());
  }

  /** Sets and starts the timeout; 0 switches it off. */
  set(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#lastActivityMs = this.#clock.nowMs;
    this.#timer.set(timeoutMs === 0 ? Infinity : this.#lastActivityMs + timeoutMs);
  }

  /** Restarts the timeout. Called after any activity of the peer. */
  reset(): void {
    if (this.#timeoutMs === 0) return;
    this.#lastActivityMs = this.#clock.nowMs;
    this.#wasUnread = false;
  }

  /** Switches the timeout off. */
  stop(): void {
    this.#timeoutMs = 0;
    this.#timer.set(Infinity);
  }

  #check(): void {
    if (this.#timeoutMs === 0) return;
    const { nowMs } = this.#clock;
    const dueMs = this.#lastActivityMs + this.#timeoutMs;
    if (nowMs < dueMs) return this.#timer.set(dueMs);
    // Bytes may be unread because the program was suspended or is writing a long reply. They extend
    // the timeout only once, because their age is unknown.
    if (this.#wasUnread || !this.#hasUnread()) return this.#onTimeout();
    this.#wasUnread = true;
    this.#timer.set(nowMs + this.#timeoutMs);
  }
}
