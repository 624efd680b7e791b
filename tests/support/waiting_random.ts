/** Random requests for the tests of waiting. */
import type { AcquireRequest, HoldMode } from "../../lib/state/locks/lock_request.ts";
import { below, pick } from "./random.ts";
import { takesShared } from "./waiting_types.ts";

export const MODES: readonly HoldMode[] = ["exclusive", "shared", "read", "write"];
export const NOT_SHARED = MODES.filter((mode) => mode !== "shared");

export class RandomRequests {
  readonly #random: () => number;
  readonly #names: readonly string[];
  readonly #modes: readonly HoldMode[];

  constructor(random: () => number, names: readonly string[], modes: readonly HoldMode[]) {
    this.#random = random;
    this.#names = names;
    this.#modes = modes;
  }

  isTrue(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Never the same twice, so only the terms of one request end at the same time. */
  duration(): number {
    return 60 * this.#random();
  }

  names(): string[] {
    const count = this.isTrue(0.7) ? 1 : 2 + below(this.#random, 2);
    return [...new Set(Array.from({ length: count }, () => pick(this.#random, this.#names)))];
  }

  request(): AcquireRequest {
    const mode = pick(this.#random, this.#modes);
    const names = this.names();
    const isShared = takesShared(mode);
    return {
      names,
      mode,
      max: isShared && this.isTrue(0.4) ? 1 + below(this.#random, 3) : Infinity,
      priority: this.isTrue(0.4) ? below(this.#random, 3) - 1 : 0,
      leaseMs: this.isTrue(0.25) ? this.duration() : undefined,
      graceMs: this.isTrue(0.3) ? this.#grace() : undefined,
      why: this.isTrue(0.2) ? pick(this.#random, ["", "x", "y z"]) : undefined,
    };
  }

  #grace(): number {
    return pick(this.#random, [0, this.duration(), this.duration()]);
  }
}
