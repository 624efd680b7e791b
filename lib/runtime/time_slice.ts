/**
 * Fairness: no session keeps the others waiting. A write that the system takes at once, as it does
 * while the peer reads, does not end the turn of the event loop; a timer does. So whoever has a lot
 * to do looks here now and then, and ends the turn when it has lasted.
 */

import { TIME_SLICE_MS } from "../limits.ts";
import { CachedClock } from "./cached_clock.ts";

export class TimeSlice {
  readonly #clock: CachedClock;
  /** When this turn began, as far as anybody has asked; a timer that fires tells that it is over. */
  #startMs: number | undefined;
  /** Whether we are told when turns begin; else a timer has to do. */
  #hasEventLoopHooks = false;
  readonly #waiting: (() => void)[] = [];
  /** While somebody waits. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #timeout = () => {
    this.#timer = undefined;
    this.onRoundEnd();
  };

  constructor(moment: CachedClock = new CachedClock()) {
    this.#clock = moment;
  }

  /** Another turn begins. */
  onSliceStart(): void {
    this.#hasEventLoopHooks = true;
    this.#startMs = undefined;
  }

  /** Notes when the turn began, if nobody has. */
  start(): void {
    if (this.#startMs !== undefined) return;
    this.#startMs = this.#clock.ms;
    if (!this.#hasEventLoopHooks) setTimeout(() => this.#startMs = undefined, 0);
  }

  /** Whether the turn has lasted long enough; when it began is known only since somebody asked. */
  isExpired(): boolean {
    this.start();
    return this.#clock.ms - this.#startMs! > TIME_SLICE_MS;
  }

  /** Resolves in a later turn, when others have had theirs. Those who wait go on one at a time. */
  yield(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#timer ??= setTimeout(this.#timeout, 0); // also if nobody tells us
    });
  }

  /** All others have had their turn: the next of those who wait may go on. */
  onRoundEnd(): void {
    this.#clock.invalidate();
    const goOn = this.#waiting.shift();
    if (goOn === undefined) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // Each has a turn of its own, and the sockets theirs before the next one.
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#timeout, 0) : undefined;
    this.#startMs = undefined;
    goOn();
  }
}
