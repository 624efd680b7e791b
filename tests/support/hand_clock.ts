/** A clock that stands until a test turns it. */
import type { Clock, Timer } from "../../lib/clock.ts";

export class HandClock implements Clock {
  /** A local time, so that dates read the same in every time zone: the one of the documentation. */
  #nowMs = new Date(2003, 3, 18, 11, 20, 26).getTime();
  readonly #alarms = new Map<() => void, number>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Whatever is due by then rings at its time, in order. */
  set nowMs(ms: number) {
    for (;;) {
      const due = [...this.#alarms].sort(([, a], [, b]) => a - b)[0];
      if (due === undefined || due[1] > ms) break;
      const [ring, atMs] = due;
      this.#alarms.delete(ring);
      this.#nowMs = Math.max(this.#nowMs, atMs);
      ring();
    }
    this.#nowMs = ms;
  }

  unixSeconds(ms: number): number {
    return Math.floor(ms / 1000);
  }

  unixMs(ms: number): number {
    return ms;
  }

  timer(ring: () => void): Timer {
    return {
      set: (atMs) => {
        if (atMs === Infinity) this.#alarms.delete(ring);
        else this.#alarms.set(ring, atMs);
      },
    };
  }

  invalidate(): void {}
}
