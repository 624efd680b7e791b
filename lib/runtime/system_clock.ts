/** The clock of a server, over the clocks and timers of the runtime. */
import type { Clock, Timer } from "../clock.ts";
import { TIMER_MS_MAX } from "../limits.ts";
import { CachedClock } from "./cached_clock.ts";

/** The smallest step of the system's clock that changes the dates of this one. */
const STEP_MS = 1000;

/**
 * A steady clock: setting the system's clock does not affect it, so no client loses a resource by
 * that; only dates follow the system's clock. It counts from the program's start: that many
 * milliseconds stay a small integer in the runtime for weeks, which is not allocated on the heap.
 */
export class SystemClock implements Clock {
  readonly #cached: CachedClock;
  /** The system's clock minus this one. */
  #offsetMs: number;
  /** The reading of the cached clock at which `#offsetMs` was checked. */
  #offsetReading = 0;

  constructor(cached: CachedClock = new CachedClock()) {
    this.#cached = cached;
    this.#offsetMs = Date.now() - this.nowMs;
  }

  get nowMs(): number {
    return Math.floor(this.#cached.ms);
  }

  unixSeconds(ms: number): number {
    return Math.floor(this.unixMs(ms) / 1000);
  }

  unixMs(ms: number): number {
    const { nowMs } = this;
    if (this.#cached.readings !== this.#offsetReading) this.#updateOffset(nowMs);
    return ms + this.#offsetMs;
  }

  timer(onExpire: () => void): Timer {
    return new SystemTimer(this, onExpire);
  }

  invalidate(): void {
    this.#cached.invalidate();
  }

  #updateOffset(nowMs: number): void {
    this.#offsetReading = this.#cached.readings;
    const offsetMs = Date.now() - nowMs;
    if (Math.abs(offsetMs - this.#offsetMs) >= STEP_MS) this.#offsetMs = offsetMs;
  }
}

class SystemTimer implements Timer {
  readonly #clock: SystemClock;
  readonly #onExpire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #atMs = Infinity;

  constructor(clock: SystemClock, onExpire: () => void) {
    this.#clock = clock;
    this.#onExpire = onExpire;
  }

  set(atMs: number): void {
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = undefined;
    if (atMs === Infinity) return;
    const delayMs = Math.min(TIMER_MS_MAX, Math.max(0, atMs - this.#clock.nowMs));
    this.#timer = setTimeout(() => this.#check(), delayMs);
    Deno.unrefTimer(this.#timer);
  }

  #check(): void {
    this.#clock.invalidate();
    // A timer of the runtime may be early: by a part of a millisecond, or because of TIMER_MS_MAX.
    if (this.#clock.nowMs < this.#atMs) return this.set(this.#atMs);
    this.#timer = undefined;
    this.#onExpire();
  }
}
