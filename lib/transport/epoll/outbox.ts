/**
 * What is said in one round of the reactor, until its end: short replies go out together then. A peer
 * that is woken by the first of fifty replies finds the others with it, and wakes once, not fifty
 * times; that costs the machine less than the sending itself.
 *
 * Law: what one stream says goes out in the order it was said.
 */

/** What the bytes are for. `deliver` must not throw; the bytes are good until it returns. */
export interface Addressee {
  deliver(bytes: Uint8Array<ArrayBuffer>): void;
}

/** Longer replies go at once: their reader has something to do while others are heard. */
const SHORT_BYTES = 1024;
/** Room for the replies of a whole round of short requests. */
const FIRST_BYTES = 64 * 1024;

export class Outbox {
  #bytes = new Uint8Array(FIRST_BYTES);
  readonly #ends: number[] = [];
  readonly #addressees: Addressee[] = [];
  #count = 0;
  #isOpen = false;
  #isEmptying = false;

  /** A round begins. */
  open(): void {
    this.#isOpen = true;
  }

  /** The round is over. */
  close(): void {
    this.#isOpen = false;
    this.empty();
  }

  /** Takes a copy for the end of the round; false when it must be sent at once. */
  take(bytes: Uint8Array<ArrayBuffer>, addressee: Addressee): boolean {
    const at = this.#count === 0 ? 0 : this.#ends[this.#count - 1]!;
    const end = at + bytes.length;
    // While it is emptied, everything waits its turn: something of the same stream may be in it.
    if (!this.#isEmptying) {
      if (!this.#isOpen || bytes.length > SHORT_BYTES || end > FIRST_BYTES) return false;
    } else if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(bytes, at);
    this.#ends[this.#count] = end;
    this.#addressees[this.#count] = addressee;
    this.#count++;
    return true;
  }

  /** Sends all that is in it, now. */
  empty(): void {
    if (this.#count === 0 || this.#isEmptying) return;
    this.#isEmptying = true;
    for (let i = 0, at = 0; i < this.#count; i++) {
      const end = this.#ends[i]!;
      this.#addressees[i]!.deliver(this.#bytes.subarray(at, end));
      at = end;
    }
    this.#isEmptying = false;
    this.#count = 0;
    this.#addressees.length = 0; // those who are gone shall not stay
    if (this.#bytes.length > FIRST_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
  }

  #grow(bytes: number): void {
    const grown = new Uint8Array(2 * bytes);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
