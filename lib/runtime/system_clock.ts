/** The one clock of a server, and the housekeeping that it drives. */
import { TIMER_MS_MAX } from "../limits.ts";
import type { Clock, Timer } from "../clock.ts";
import { CachedClock } from "./cached_clock.ts";

/** A step of the system's clock that is worth following in dates. */
const STEP_MS = 1000;

/**
 * Goes on evenly whatever is done to the system's clock, so that nobody loses a resource because
 * somebody has set the time; only dates follow the system's clock. Counts from the program's start:
 * that many milliseconds are a small number to the runtime for weeks, which needs no box in memory.
 */
export class SystemClock implements Clock {
  readonly #cached: CachedClock;
  /** How far the system's clock is from ours, */
  #apartMs: number;
  /** and at which look at ours that was. */
  #comparedLook = 0;

  constructor(moment: CachedClock = new CachedClock()) {
    this.#cached = moment;
    this.#apartMs = Date.now() - this.nowMs;
  }

  get nowMs(): number {
    return Math.floor(this.#cached.ms);
  }

  unixSeconds(ms: number): number {
    return Math.floor(this.unixMs(ms) / 1000);
  }

  unixMs(ms: number): number {
    const { nowMs } = this;
    if (this.#cached.readings !== this.#comparedLook) this.#compare(nowMs);
    return ms + this.#apartMs;
  }

  timer(ring: () => void): Timer {
    return new SystemTimer(this, ring);
  }

  invalidate(): void {
    this.#cached.invalidate();
  }

  #compare(nowMs: number): void {
    this.#comparedLook = this.#cached.readings;
    const apartMs = Date.now() - nowMs;
    if (Math.abs(apartMs - this.#apartMs) >= STEP_MS) this.#apartMs = apartMs;
  }
}

class SystemTimer implements Timer {
  readonly #clock: SystemClock;
  readonly #onExpire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #atMs = Infinity;

  constructor(clock: SystemClock, ring: () => void) {
    this.#clock = clock;
    this.#onExpire = ring;
  }

  set(atMs: number): void {
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = undefined;
    if (atMs === Infinity) return;
    const restMs = Math.min(TIMER_MS_MAX, Math.max(0, atMs - this.#clock.nowMs));
    this.#timer = setTimeout(() => this.#due(), restMs);
    Deno.unrefTimer(this.#timer);
  }

  #due(): void {
    this.#clock.invalidate();
    // Timers may be early by a part of a millisecond.
    if (this.#clock.nowMs < this.#atMs) return this.set(this.#atMs);
    this.#timer = undefined;
    this.#onExpire();
  }
}
