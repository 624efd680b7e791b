/**
 * The engine of one process: the state is live maps, and a change is a function call. Rules are
 * synchronous and validate before they write, so every change is atomic by construction.
 *
 * Forgetting what somebody with very many locks has left behind takes several turns. They are free
 * at once; who asks how many locks there are waits until it is done.
 */
import { type Departure, leave, newLocks, type Owner, sweep } from "../state/locks.ts";
import { leaveMaster } from "../state/pools/master.ts";
import type { Pools } from "../state/pools/model.ts";
import { expire } from "../state/pools/sessions.ts";
import type { Engine, Given, Outcome, Slice, State } from "./engine.ts";

/** Of what a departure leaves behind, how much is forgotten at once: a fraction of a millisecond. */
const SWEEP_MAX = 1000;

/** How many sessions may end, or nearly, until the clock is worth a look. */
const TOIL_MAX = 16;

/** Work that may take long gives way to others. */
export interface Turns {
  isLong(): boolean;
  end(): Promise<void>;
}

/** The time, and the word that a rule may have taken some. */
interface Clock extends Given {
  lapse(): void;
}

export class MemoryEngine implements Engine {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #turns: Turns;
  /** While there is something to forget. */
  #sweeping: Promise<void> | undefined;

  constructor(pools: Pools, clock: Clock, turns: Turns) {
    this.#state = { locks: newLocks(pools.salt), pools };
    this.#clock = clock;
    this.#turns = turns;
  }

  read<R>(slice: Slice, look: (state: State, given: Given) => R): Outcome<R> {
    return this.change(slice, look);
  }

  change<R>(slice: Slice, rule: (state: State, given: Given) => R): Outcome<R> {
    if (slice === "lock counts" && this.#sweeping !== undefined) {
      return this.#sweeping.then(() => this.change(slice, rule));
    }
    // Locks do without the time, and without the cost of asking for it.
    if (typeof slice === "object") return rule(this.#state, this.#clock);
    let { nowMs } = this.#clock;
    if (slice === "pools" || slice === "session") {
      expire(this.#state.pools, nowMs);
      if (this.#hasTakenTime()) nowMs = this.#clock.nowMs;
    }
    const outcome = rule(this.#state, { nowMs });
    // What is about all of them, may have been about very many.
    if (slice !== "session" || this.#hasTakenTime()) this.#clock.lapse();
    return outcome;
  }

  /** Whether so many sessions have ended that the clock must be looked at. */
  #hasTakenTime(): boolean {
    const { pools } = this.#state;
    if (pools.toil <= TOIL_MAX) return false;
    pools.toil = 0;
    this.#clock.lapse();
    return true;
  }

  leave(owner: Owner, withNames: boolean): Departure {
    leaveMaster(this.#state.pools, owner);
    const departure = leave(this.#state.locks, owner, withNames);
    if (!sweep(this.#state.locks, SWEEP_MAX)) this.#sweeping ??= this.#sweep();
    return departure;
  }

  tick(limit: number): boolean {
    return expire(this.#state.pools, this.#clock.nowMs, limit);
  }

  async #sweep(): Promise<void> {
    await this.#turns.end();
    while (!sweep(this.#state.locks, SWEEP_MAX)) {
      this.#clock.lapse();
      if (this.#turns.isLong()) await this.#turns.end();
    }
    this.#sweeping = undefined;
  }
}
