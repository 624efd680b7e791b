/**
 * What time it is, without asking the system each time: that costs more than a lock, and as much as
 * the rules of half a request. A reading is good for as long as nothing else can have happened.
 */

/** A promise that is kept: what waits for it runs when the program lets go of the processor. */
const KEPT = Promise.resolve();

export class CachedClock {
  readonly #usesPerReading: number;
  readonly #expire: () => void;
  #usesLeft = 0;
  #ms = 0;
  #readings = 0;
  #isExpiryQueued = false;

  /** @param asksPerLook how often one reading is given out; without it every ask is a look. */
  constructor(asksPerLook = 1) {
    this.#usesPerReading = asksPerLook;
    this.#expire = () => {
      this.#isExpiryQueued = false;
      this.#usesLeft = 0;
    };
  }

  /** Milliseconds that go on evenly. Those who ask without waiting in between may get the same. */
  get ms(): number {
    if (this.#usesLeft-- <= 0) this.#read();
    return this.#ms;
  }

  /** How many readings there were: who has seen this one has seen all. */
  get readings(): number {
    return this.#readings;
  }

  /** Time has passed that is worth a look, as after what may have been about very many. */
  invalidate(): void {
    this.#usesLeft = 0;
  }

  #read(): void {
    this.#ms = performance.now();
    this.#readings++;
    this.#usesLeft = this.#usesPerReading - 1;
    if (this.#usesLeft === 0 || this.#isExpiryQueued) return;
    // Whoever waits, for a socket or a timer, must find a new reading when it goes on.
    this.#isExpiryQueued = true;
    KEPT.then(this.#expire);
  }
}
