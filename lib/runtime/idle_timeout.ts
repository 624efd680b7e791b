/** The idle timeout of a connection. Rule: bytes that arrived count, even before they are read. */
import type { Clock, Timer } from "../clock.ts";

export class IdleTimeout {
  readonly #clock: Clock;
  readonly #hasUnread: () => boolean;
  readonly #onTimeout: () => void;
  readonly #timer: Timer;
  #timeoutMs = 0;
  #lastActivityMs = 0;
  /** Whether the last timeout was extended because of unread bytes. */
  #wasUnread = false;

  /**
   * @param hasUnread returns whether bytes have arrived that are not read yet.
   * @param onTimeout called when nothing arrives for the timeout.
   */
  constructor(clock: Clock, hasUnread: () => boolean, onTimeout: () => void) {
    this.#clock = clock;
    this.#hasUnread = hasUnread;
    this.#onTimeout = onTimeout;
    this.#timer = clock.timer(() => this.#check());
  }

  /** Sets the timeout, which begins now; 0 switches it off. */
  set(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#lastActivityMs = this.#clock.nowMs;
    this.#timer.set(timeoutMs === 0 ? Infinity : this.#lastActivityMs + timeoutMs);
  }

  /** Restarts the timeout, after any activity of the peer. */
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
    const endMs = this.#lastActivityMs + this.#timeoutMs;
    if (nowMs < endMs) return this.#timer.set(endMs);
    // The program may have been suspended, or be writing a long reply. Unread bytes extend the
    // timeout only once, because their age is unknown.
    if (this.#wasUnread || !this.#hasUnread()) return this.#onTimeout();
    this.#wasUnread = true;
    this.#timer.set(nowMs + this.#timeoutMs);
  }
}
