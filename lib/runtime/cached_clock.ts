/**
 * A cached reading of the system's steady clock: reading it costs more than a lock, and as much as
 * the rules of half a request. A reading is valid until the program gives up the processor, or until
 * it was used a number of times.
 */

/** Its callbacks run when the program gives up the processor. */
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

  /** Milliseconds of a steady clock. Reads without an `await` in between may get the same value. */
  get ms(): number {
    if (this.#usesLeft-- <= 0) this.#read();
    return this.#ms;
  }

  /** The number of readings so far: equal numbers mean the same reading. */
  get readings(): number {
    return this.#readings;
  }

  /** Drops the cached reading: call it after work that may have taken long. */
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
