/** The clock of a server, built on the runtime's clocks and timers. */
import type { Clock, Timer } from "../clock.ts";
import { TIMER_MS_MAX } from "../limits.ts";
import { CachedClock } from "./cached_clock.ts";

/** The smallest change of the system's clock that this clock's dates follow. */
const STEP_MS = 1000;

/**
 * A steady clock. Setting the system's clock affects only dates, so no client loses a resource by
 * it. Times are milliseconds since the program's start: for weeks, they are small integers, which
 * the runtime does not allocate on the heap.
 */
export class SystemClock implements Clock {
  readonly #cached: CachedClock;
  /** The system's clock minus this clock. */
  #offsetMs: number;
  /** The number of the cached reading at which `#offsetMs` was checked. */
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
    // A runtime timer may fire early: by a fraction of a millisecond, or because of TIMER_MS_MAX.
    if (this.#clock.nowMs < this.#atMs) return this.set(this.#atMs);
    this.#timer = undefined;
    this.#onExpire();
  }
}
