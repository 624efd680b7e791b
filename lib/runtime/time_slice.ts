/**
 * Cooperative time slices, so that no session delays the others for long. Code with much work
 * checks at intervals whether its slice has expired, and then yields. Awaiting a write is not
 * enough: while the peer reads, the system takes the bytes at once and the event loop does not run.
 * So `yield` waits for a timer.
 */
import { TIME_SLICE_MS } from "../limits.ts";
import { CachedClock } from "./cached_clock.ts";

export class TimeSlice {
  readonly #clock: CachedClock;
  /** When this slice began; undefined until the slice is measured. */
  #startMs: number | undefined;
  /** Whether the event loop calls `onSliceStart`; otherwise a timer detects a new slice. */
  #hasEventLoopHooks = false;
  /** Resolve the promises that `yield` has returned. */
  readonly #waiting: (() => void)[] = [];
  /** Resumes the next caller in `#waiting`. */
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

  /** Starts measuring this slice, unless it is already measured. */
  start(): void {
    if (this.#startMs !== undefined) return;
    this.#startMs = this.#clock.ms;
    if (!this.#hasEventLoopHooks) setTimeout(() => this.#startMs = undefined, 0);
  }

  /** Returns whether this slice has expired, measured from its first call or from `start`. */
  isExpired(): boolean {
    this.start();
    return this.#clock.ms - this.#startMs! > TIME_SLICE_MS;
  }

  /** Resolves in a later slice, after all connections had theirs. Callers resume one by one. */
  yield(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#timer ??= setTimeout(this.#onTimer, 0); // in case the event loop has no hooks
    });
  }

  /** Called by the event loop after the slices of all connections; resumes the next caller. */
  onRoundEnd(): void {
    this.#clock.invalidate();
    const resume = this.#waiting.shift();
    if (resume === undefined) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // Each caller gets a slice of its own, and sockets are served in between.
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#onTimer, 0) : undefined;
    this.#startMs = undefined;
    resume();
  }
}
