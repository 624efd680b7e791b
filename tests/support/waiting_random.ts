/** What may be asked for in the tests of waiting, by chance. */
import type { HoldMode } from "../../lib/state/locks/lease.ts";
import type { AcquireRequest } from "../../lib/state/locks/lock_request.ts";
import { below, pick } from "./random.ts";
import { takesShared } from "./waiting_values.ts";

export const MODES: readonly HoldMode[] = ["exclusive", "shared", "read", "write"];
export const NOT_SHARED = MODES.filter((mode) => mode !== "shared");

export class Chance {
  readonly #random: () => number;
  readonly #names: readonly string[];
  readonly #modes: readonly HoldMode[];

  constructor(random: () => number, names: readonly string[], modes: readonly HoldMode[]) {
    this.#random = random;
    this.#names = names;
    this.#modes = modes;
  }

  that(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Never the same twice, so that no two ends fall together by chance. */
  duration(): number {
    return 60 * this.#random();
  }

  names(): string[] {
    const count = this.that(0.7) ? 1 : 2 + below(this.#random, 2);
    return [...new Set(Array.from({ length: count }, () => pick(this.#random, this.#names)))];
  }

  wish(): AcquireRequest {
    const mode = pick(this.#random, this.#modes);
    const names = this.names();
    const isShared = takesShared(mode);
    return {
      names,
      mode,
      max: isShared && this.that(0.4) ? 1 + below(this.#random, 3) : Infinity,
      priority: this.that(0.4) ? below(this.#random, 3) - 1 : 0,
      leaseMs: this.that(0.25) ? this.duration() : undefined,
      graceMs: this.that(0.3) ? this.#grace() : undefined,
      why: this.that(0.2) ? pick(this.#random, ["", "x", "y z"]) : undefined,
    };
  }

  #grace(): number {
    return pick(this.#random, [0, this.duration(), this.duration()]);
  }
}
