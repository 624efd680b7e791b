/** How long a peer may be silent. Law: its silence counts, not what keeps us from hearing it. */
import type { Clock, Timer } from "../clock.ts";

export class IdleTimeout {
  readonly #clock: Clock;
  readonly #hasUnread: () => boolean;
  readonly #onTimeout: () => void;
  readonly #timer: Timer;
  #timeoutMs = 0;
  #lastActivityMs = 0;
  /** Whether it was silent only for us, who have not read what has come. */
  #wasUnread = false;

  /**
   * @param hasUnread whether something has come that was not heard yet
   * @param end what happens to who is silent for too long
   */
  constructor(clock: Clock, hasUnread: () => boolean, end: () => void) {
    this.#clock = clock;
    this.#hasUnread = hasUnread;
    this.#onTimeout = end;
    this.#timer = clock.timer(() => this.#check());
  }

  /** From now on so long; 0: for ever. */
  set(silenceMs: number): void {
    this.#timeoutMs = silenceMs;
    this.#lastActivityMs = this.#clock.nowMs;
    this.#timer.set(silenceMs === 0 ? Infinity : this.#lastActivityMs + silenceMs);
  }

  /** A sign of life: anything at all. */
  reset(): void {
    if (this.#timeoutMs === 0) return;
    this.#lastActivityMs = this.#clock.nowMs;
    this.#wasUnread = false;
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#timeoutMs = 0;
    this.#timer.set(Infinity);
  }

  #check(): void {
    if (this.#timeoutMs === 0) return;
    const { nowMs } = this.#clock;
    const endMs = this.#lastActivityMs + this.#timeoutMs;
    if (nowMs < endMs) return this.#timer.set(endMs);
    // The program may have stood still, or be busy with a long reply. Once: how old it is, nobody knows.
    if (this.#wasUnread || !this.#hasUnread()) return this.#onTimeout();
    this.#wasUnread = true;
    this.#timer.set(nowMs + this.#timeoutMs);
  }
}
