/**
 * Caches readings of the system's steady clock. A reading costs more than acquiring a lock, and
 * half as much as the rules of a request. It is valid until the running code awaits or returns to
 * the event loop, or until it has been used a number of times.
 */

/** The callbacks of this promise run when the running code awaits or returns. */
const RESOLVED = Promise.resolve();

export class CachedClock {
  readonly #usesPerReading: number;
  readonly #expire: () => void;
  #usesLeft = 0;
  #ms = 0;
  #readings = 0;
  #isExpiryQueued = false;

  /** @param usesPerReading how many times a reading may be used; by default once. */
  constructor(usesPerReading = 1) {
    this.#usesPerReading = usesPerReading;
    this.#expire = () => {
      this.#isExpiryQueued = false;
      this.#usesLeft = 0;
    };
  }

  /** Milliseconds of a steady clock. Reads with no `await` in between may return the same value. */
  get ms(): number {
    if (this.#usesLeft-- <= 0) this.#read();
    return this.#ms;
  }

  /** The number of readings so far. While it is the same, `ms` returns the same value. */
  get readings(): number {
    return this.#readings;
  }

  /** Drops the cached reading. Call this after work that may have taken a long time. */
  invalidate(): void {
    this.#usesLeft = 0;
  }

  #read(): void {
    this.#ms = performance.now();
    this.#readings++;
    this.#usesLeft = this.#usesPerReading - 1;
    if (this.#usesLeft === 0 || this.#isExpiryQueued) return;
    // Code that has waited, for a socket or a timer, must get a new reading.
    this.#isExpiryQueued = true;
    RESOLVED.then(this.#expire);
  }
}
