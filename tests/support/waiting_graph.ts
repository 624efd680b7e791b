/** The wait graph of the model of waiting, searched exhaustively for cycles. */
import type { AcquireRequest } from "../../lib/state/locks/lock_request.ts";
import type { WaitingModel } from "./waiting_model.ts";
import { type ModelParty, takesShared } from "./waiting_types.ts";

/** A waiter, real or assumed. */
interface GraphWaiter {
  readonly party: ModelParty;
  readonly request: AcquireRequest;
  readonly priorities: ReadonlyMap<string, number>;
}

export class WaitGraph {
  readonly #edges = new Map<ModelParty, Set<ModelParty>>();

  /** Includes `requester`, if given, as a waiter behind all others of its priority. */
  constructor(model: WaitingModel, requester?: ModelParty, request?: AcquireRequest) {
    const waiters: GraphWaiter[] = [...model.waiters];
    if (requester !== undefined && request !== undefined) {
      const priority = (name: string) => model.priorityOf(requester, request, name);
      const priorities = new Map(request.names.map((name) => [name, priority(name)]));
      waiters.push({ party: requester, request, priorities });
    }
    for (const [i, waiter] of waiters.entries()) {
      this.#edges.set(waiter.party, edgesOf(model, waiters, i));
    }
  }

  /** Returns whether each party waits for the next one, and the last one for the first. */
  isCycle(parties: readonly ModelParty[]): boolean {
    const next = (at: number) => parties[(at + 1) % parties.length]!;
    return parties.length > 1 &&
      parties.every((from, at) => this.#edges.get(from)?.has(next(at)));
  }

  /** Returns whether a path leads from `start` back to it. */
  hasCycle(start: ModelParty): boolean {
    const visited = new Set<ModelParty>();
    const leadsBack = (at: ModelParty): boolean => {
      for (const next of this.#edges.get(at) ?? []) {
        if (next === start) return true;
        if (visited.has(next)) continue;
        visited.add(next);
        if (leadsBack(next)) return true;
      }
      return false;
    };
    return leadsBack(start);
  }

  get parties(): Iterable<ModelParty> {
    return this.#edges.keys();
  }
}

/** Returns the parties that a waiter waits for: conflicting holders, and waiters ahead of it. */
function edgesOf(
  model: WaitingModel,
  waiters: readonly GraphWaiter[],
  at: number,
): Set<ModelParty> {
  const { party, request, priorities } = waiters[at]!;
  const found = new Set<ModelParty>();
  const conflictsWithShared = request.mode === "write" ||
    takesShared(request.mode) && request.max < Infinity;
  for (const name of request.names) {
    if (request.mode !== "shared") { for (const it of model.of(name, false)) found.add(it.party); }
    if (conflictsWithShared) { for (const it of model.of(name, true)) found.add(it.party); }
    const own = priorities.get(name)!;
    for (const [i, other] of waiters.entries()) {
      const otherPriority = other.priorities.get(name);
      if (otherPriority !== undefined && (otherPriority > own || otherPriority === own && i < at)) {
        found.add(other.party);
      }
    }
  }
  found.delete(party);
  return found;
}
