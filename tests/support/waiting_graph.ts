/** Who waits for whom in the model of waiting, and whether that closes a circle: by trying all ways. */
import type { AcquireRequest } from "../../lib/state/locks/lock_request.ts";
import type { WaitingModel } from "./waiting_model.ts";
import { type Party, takesShared } from "./waiting_values.ts";

/** One who waits, or would. */
interface Stand {
  readonly party: Party;
  readonly wish: AcquireRequest;
  readonly priorities: ReadonlyMap<string, number>;
}

export class WaitsFor {
  readonly #edges = new Map<Party, Set<Party>>();

  /** As it would be if `asker` waited as well, behind those of its priority. */
  constructor(model: WaitingModel, asker?: Party, wish?: AcquireRequest) {
    const stands: Stand[] = [...model.waiters];
    if (asker !== undefined && wish !== undefined) {
      const priority = (name: string) => model.priorityOf(asker, wish, name);
      const priorities = new Map(wish.names.map((name) => [name, priority(name)]));
      stands.push({ party: asker, wish, priorities });
    }
    for (const [i, stand] of stands.entries()) {
      this.#edges.set(stand.party, edges(model, stands, i));
    }
  }

  /** Whether each of them waits for the next one, and the last one for the first. */
  isCycle(parties: readonly Party[]): boolean {
    const next = (at: number) => parties[(at + 1) % parties.length]!;
    return parties.length > 1 &&
      parties.every((from, at) => this.#edges.get(from)?.has(next(at)));
  }

  /** Whether a way leads from `start` back to it. */
  hasCycle(start: Party): boolean {
    const seen = new Set<Party>();
    const leadsBack = (at: Party): boolean => {
      for (const next of this.#edges.get(at) ?? []) {
        if (next === start) return true;
        if (seen.has(next)) continue;
        seen.add(next);
        if (leadsBack(next)) return true;
      }
      return false;
    };
    return leadsBack(start);
  }

  get parties(): Iterable<Party> {
    return this.#edges.keys();
  }
}

/** Those it waits for: the holders of what it wants, as far as its mode minds them, and who is ahead. */
function edges(model: WaitingModel, stands: readonly Stand[], at: number): Set<Party> {
  const { party, wish, priorities } = stands[at]!;
  const found = new Set<Party>();
  const mindsShared = wish.mode === "write" || takesShared(wish.mode) && wish.max < Infinity;
  for (const name of wish.names) {
    if (wish.mode !== "shared") { for (const it of model.of(name, false)) found.add(it.party); }
    if (mindsShared) { for (const it of model.of(name, true)) found.add(it.party); }
    const own = priorities.get(name)!;
    for (const [i, other] of stands.entries()) {
      const its = other.priorities.get(name);
      if (its !== undefined && (its > own || its === own && i < at)) found.add(other.party);
    }
  }
  found.delete(party);
  return found;
}
