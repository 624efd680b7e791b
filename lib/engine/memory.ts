/**
 * The engine of one process: the state is live maps, and a change is a function call. Rules are
 * synchronous and validate before they write, so every change is atomic by construction.
 */
import { type Holdings, leave, newLocks, type Owner } from "../state/locks.ts";
import type { Engine, Slice, State } from "./engine.ts";

export class MemoryEngine implements Engine {
  readonly #state: State = { locks: newLocks() };

  read<R>(_slice: Slice, look: (state: State) => R): R {
    return look(this.#state);
  }

  change<R>(_slice: Slice, rule: (state: State) => R): R {
    return rule(this.#state);
  }

  leave(owner: Owner): Holdings {
    return leave(this.#state.locks, owner);
  }
}
