/** A clock that stands still until a test advances it. */
import type { Clock, Timer } from "../../lib/clock.ts";

export class HandClock implements Clock {
  /** The time of the documentation's examples; local, so that dates are the same everywhere. */
  #nowMs = new Date(2003, 3, 18, 11, 20, 26).getTime();
  readonly #timers = new Map<() => void, number>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Advances the clock; each timer that is due expires at its own time, in order. */
  set nowMs(ms: number) {
    for (;;) {
      const due = [...this.#timers].sort(([, a], [, b]) => a - b)[0];
      if (due === undefined || due[1] > ms) break;
      const [onExpire, atMs] = due;
      this.#timers.delete(onExpire);
      this.#nowMs = Math.max(this.#nowMs, atMs);
      onExpire();
    }
    this.#nowMs = ms;
  }

  unixSeconds(ms: number): number {
    return Math.floor(ms / 1000);
  }

  unixMs(ms: number): number {
    return ms;
  }

  timer(onExpire: () => void): Timer {
    return {
      set: (atMs) => {
        if (atMs === Infinity) this.#timers.delete(onExpire);
        else this.#timers.set(onExpire, atMs);
      },
    };
  }

  invalidate(): void {}
}
