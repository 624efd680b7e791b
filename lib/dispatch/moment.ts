/**
 * What time it is, without asking the system each time: that costs more than a lock, and as much as
 * the rules of half a request. A reading is good for as long as nothing else can have happened.
 */

/** A promise that is kept: what waits for it runs when the program lets go of the processor. */
const KEPT = Promise.resolve();

export class Moment {
  readonly #asksPerLook: number;
  readonly #forget: () => void;
  #asksLeft = 0;
  #ms = 0;
  #looks = 0;
  #isToBeForgotten = false;

  /** @param asksPerLook how often one reading is given out; without it every ask is a look. */
  constructor(asksPerLook = 1) {
    this.#asksPerLook = asksPerLook;
    this.#forget = () => {
      this.#isToBeForgotten = false;
      this.#asksLeft = 0;
    };
  }

  /** Milliseconds that go on evenly. Those who ask without waiting in between may get the same. */
  get ms(): number {
    if (this.#asksLeft-- <= 0) this.#look();
    return this.#ms;
  }

  /** How many readings there were: who has seen this one has seen all. */
  get looks(): number {
    return this.#looks;
  }

  /** Time has passed that is worth a look, as after what may have been about very many. */
  lapse(): void {
    this.#asksLeft = 0;
  }

  #look(): void {
    this.#ms = performance.now();
    this.#looks++;
    this.#asksLeft = this.#asksPerLook - 1;
    if (this.#asksLeft === 0 || this.#isToBeForgotten) return;
    // Whoever waits, for a socket or a timer, must find a new reading when it goes on.
    this.#isToBeForgotten = true;
    KEPT.then(this.#forget);
  }
}
