/**
 * The engine of one process: the state is live maps, and a change is a function call. Rules are
 * synchronous and validate before they write, so every change is atomic by construction.
 */
import { type Holdings, leave, newLocks, type Owner } from "../state/locks.ts";
import { leaveMaster } from "../state/pools/master.ts";
import type { Pools } from "../state/pools/model.ts";
import { expire } from "../state/pools/sessions.ts";
import type { Engine, Given, Slice, State } from "./engine.ts";

export class MemoryEngine implements Engine {
  readonly #state: State;
  readonly #clock: Given;

  constructor(pools: Pools, clock: Given) {
    this.#state = { locks: newLocks(), pools };
    this.#clock = clock;
  }

  read<R>(slice: Slice, look: (state: State, given: Given) => R): R {
    return this.change(slice, look);
  }

  change<R>(slice: Slice, rule: (state: State, given: Given) => R): R {
    // Locks do without the time, and without the cost of asking for it.
    if (slice !== "pools") return rule(this.#state, this.#clock);
    const { nowMs } = this.#clock;
    expire(this.#state.pools, nowMs);
    return rule(this.#state, { nowMs });
  }

  leave(owner: Owner): Holdings {
    leaveMaster(this.#state.pools, owner);
    return leave(this.#state.locks, owner);
  }

  tick(limit: number): boolean {
    return expire(this.#state.pools, this.#clock.nowMs, limit);
  }
}
