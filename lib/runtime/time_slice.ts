/**
 * Cooperative time slices, so that no session delays the others for long. Awaiting a write does not
 * yield to the event loop when the system takes the bytes at once, as it does while the peer reads;
 * a timer does. Code with much to do checks now and then whether its slice has expired, and yields.
 */
import { TIME_SLICE_MS } from "../limits.ts";
import { CachedClock } from "./cached_clock.ts";

export class TimeSlice {
  readonly #clock: CachedClock;
  /** When this slice began; undefined until the slice is measured. */
  #startMs: number | undefined;
  /** Whether the event loop calls `onSliceStart`; otherwise a timer detects a new slice. */
  #hasEventLoopHooks = false;
  readonly #waiting: (() => void)[] = [];
  /** Resumes the next of `#waiting`. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onTimer = () => {
    this.#timer = undefined;
    this.onRoundEnd();
  };

  constructor(clock: CachedClock = new CachedClock()) {
    this.#clock = clock;
  }

  /** Called by the event loop before each slice. */
  onSliceStart(): void {
    this.#hasEventLoopHooks = true;
    this.#startMs = undefined;
  }

  /** Starts measuring this slice, unless that is done already. */
  start(): void {
    if (this.#startMs !== undefined) return;
    this.#startMs = this.#clock.ms;
    if (!this.#hasEventLoopHooks) setTimeout(() => this.#startMs = undefined, 0);
  }

  /** Returns whether the slice is used up. It is measured from the first call, or from `start`. */
  isExpired(): boolean {
    this.start();
    return this.#clock.ms - this.#startMs! > TIME_SLICE_MS;
  }

  /** Resolves in a later slice, after all others have had theirs. Callers resume one at a time. */
  yield(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#timer ??= setTimeout(this.#onTimer, 0); // in case the event loop has no hooks
    });
  }

  /** Called by the event loop when all connections have had their slice; resumes the next caller. */
  onRoundEnd(): void {
    this.#clock.invalidate();
    const resume = this.#waiting.shift();
    if (resume === undefined) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // Each caller gets a slice of its own, and the sockets get theirs in between.
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#onTimer, 0) : undefined;
    this.#startMs = undefined;
    resume();
  }
}
