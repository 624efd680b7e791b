/**
 * A slow, obvious model of waiting for locks, written from the protocol document alone: one list of
 * holds and one of waiters, and every question is answered by a search of both. Departures, resumed
 * sessions and timers are in `waiting_model_endings.ts`.
 */
import type { LockKind } from "../../lib/state/locks/acquire.ts";
import type { AcquireRequest, HoldMode } from "../../lib/state/locks/lock_request.ts";
import type { Ending, WaitListener } from "../../lib/state/locks/outcome.ts";
import { WaitGraph } from "./waiting_graph.ts";
import {
  type ModelHold,
  type ModelOutcome,
  type ModelParty,
  type ModelPrevious,
  type ModelWaiter,
  takesShared,
} from "./waiting_types.ts";

/** The priority for a name that the party holds already. */
const OWN = Infinity;

export class WaitingModel {
  readonly holds: ModelHold[] = [];
  /** In the order of arrival. */
  readonly waiters: ModelWaiter[] = [];
  readonly previous = new Map<string, ModelPrevious>();
  readonly orphans = { exclusive: 0, shared: 0 };
  /** The outcomes of waits since the last step. */
  outcomes: { listener: WaitListener; outcome: ModelOutcome }[] = [];
  nowMs = 0;
  /** The waiters that have got their own priority back in this step. */
  readonly #moved = new Set<ModelWaiter>();
  /** Returns the token of a grant, which only the rules can know. */
  tokenFor: (listener: WaitListener | undefined) => number = () => 0;

  of(name: string, isShared: boolean): ModelHold[] {
    return this.holds.filter((it) => it.name === name && it.isShared === isShared);
  }

  ownOf(party: ModelParty, name: string, isShared: boolean): ModelHold | undefined {
    return this.of(name, isShared).find((it) => it.party === party);
  }

  queueOf(name: string): ModelWaiter[] {
    const priority = (it: ModelWaiter) => it.priorities.get(name)!;
    const order = (a: ModelWaiter, b: ModelWaiter) =>
      priority(a) === priority(b) ? 0 : priority(b) - priority(a);
    return this.waiters.filter(({ request }) => request.names.includes(name)).sort(order);
  }

  waiterOf(party: ModelParty): ModelWaiter | undefined {
    return this.waiters.find((it) => it.party === party);
  }

  isFree(party: ModelParty, { mode, max }: AcquireRequest, name: string): boolean {
    const others = (isShared: boolean) =>
      this.of(name, isShared).filter((it) => it.party !== party);
    if (mode !== "shared" && others(false).length > 0) return false;
    if (mode === "exclusive") return true;
    if (mode === "write") return others(true).length === 0;
    return this.ownOf(party, name, true) !== undefined || others(true).length < max;
  }

  priorityOf(party: ModelParty, request: AcquireRequest, name: string): number {
    const own = this.ownOf(party, name, takesShared(request.mode));
    return own === undefined ? request.priority : OWN;
  }

  /** Returns the first name that cannot be granted at once. */
  conflict(party: ModelParty, request: AcquireRequest): string | undefined {
    return request.names.find((name) => {
      if (!this.isFree(party, request, name)) return true;
      const priority = this.priorityOf(party, request, name);
      return priority !== OWN &&
        this.queueOf(name).some((it) => it.priorities.get(name)! >= priority);
    });
  }

  busy(party: ModelParty, request: AcquireRequest, name: string): ModelOutcome {
    const [exclusive, shared] = [false, true].map((isShared) =>
      this.of(name, isShared).find((it) => it.party !== party)
    );
    const first = request.mode === "shared" ? shared ?? exclusive : exclusive ?? shared;
    return {
      kind: "busy",
      name,
      holder: first?.party.owner,
      sinceMs: first?.sinceMs ?? 0,
      why: first?.why ?? "",
      queueLength: this.queueOf(name).length,
    };
  }

  acquire(party: ModelParty, request: AcquireRequest): ModelOutcome {
    const isShared = takesShared(request.mode);
    const owns = request.names.map((name) => this.ownOf(party, name, isShared));
    const token = owns[0]?.token;
    if (owns.every((own) => own?.mode === request.mode && own.token === token)) {
      for (const own of owns) this.applyOptions(own!, request);
      const previous = request.names.map((name) => this.previousOf(name));
      return this.granted(request, token!, this.nowMs, previous);
    }
    const name = this.conflict(party, request);
    if (name !== undefined) return this.busy(party, request, name);
    return this.grant(party, request, this.nowMs, undefined);
  }

  grant(
    party: ModelParty,
    request: AcquireRequest,
    sinceMs: number,
    listener: WaitListener | undefined,
  ): ModelOutcome {
    const isShared = takesShared(request.mode);
    const token = this.tokenFor(listener);
    const previous = request.names.map((name) => this.previousOf(name));
    for (const name of request.names) {
      const own = this.ownOf(party, name, isShared) ?? this.take(party, name, request.mode, token);
      own.token = token;
      this.applyOptions(own, request);
    }
    return this.granted(request, token, sinceMs, previous);
  }

  granted(
    request: AcquireRequest,
    token: number,
    sinceMs: number,
    previous: ModelPrevious[],
  ): ModelOutcome {
    const isShared = takesShared(request.mode);
    const counts = request.names.map((name) => this.of(name, isShared).length);
    return { kind: "acquired", token, counts, previous, waitedMs: this.nowMs - sinceMs };
  }

  previousOf(name: string): ModelPrevious {
    return this.previous.get(name) ?? { ending: "none", owner: undefined };
  }

  take(party: ModelParty, name: string, mode: HoldMode, token: number): ModelHold {
    const unlimited = { leaseEndMs: Infinity, graceMs: 0, graceEndMs: Infinity };
    const isShared = takesShared(mode);
    const hold = {
      name,
      isShared,
      party,
      mode,
      token,
      sinceMs: this.nowMs,
      why: "",
      ...unlimited,
    };
    this.holds.push(hold);
    return hold;
  }

  applyOptions(hold: ModelHold, { mode, why, leaseMs, graceMs }: AcquireRequest): void {
    hold.mode = mode;
    if (why !== undefined) hold.why = why;
    if (graceMs !== undefined) hold.graceMs = graceMs;
    if (leaseMs !== undefined) hold.leaseEndMs = this.nowMs + leaseMs;
  }

  wait(party: ModelParty, request: AcquireRequest, waitMs: number, listener: WaitListener): void {
    const priorities = new Map(
      request.names.map((name) => [name, this.priorityOf(party, request, name)]),
    );
    const [sinceMs, endMs] = [this.nowMs, this.nowMs + waitMs];
    this.waiters.push({ party, request, sinceMs, endMs, listener, priorities });
  }

  /** Ends a hold. A waiter that has lost its hold of a name gets its own priority back. */
  end(hold: ModelHold, ending: Ending): void {
    this.holds.splice(this.holds.indexOf(hold), 1);
    if (!hold.isShared) this.previous.set(hold.name, { ending, owner: hold.party.owner });
    if (hold.party.absent !== undefined && ending !== "released") {
      this.orphans[hold.isShared ? "shared" : "exclusive"]++;
    }
    const waiter = this.waiterOf(hold.party);
    if (waiter === undefined || takesShared(waiter.request.mode) !== hold.isShared) return;
    if (waiter.priorities.get(hold.name) !== OWN) return;
    waiter.priorities.set(hold.name, waiter.request.priority);
    this.#moved.add(waiter);
  }

  /** Grants waiters, then ends the waits that moving back has brought into a cycle, newest first. */
  completeStep(): void {
    this.grantWaiters();
    const moved = this.waiters.filter((it) => this.#moved.has(it));
    this.#moved.clear();
    for (const waiter of moved.reverse()) {
      const at = this.waiters.indexOf(waiter);
      if (at < 0 || !new WaitGraph(this).hasCycle(waiter.party)) continue;
      this.waiters.splice(at, 1);
      this.outcomes.push({ listener: waiter.listener, outcome: { kind: "deadlock" } });
      this.grantWaiters();
    }
  }

  grantWaiters(): void {
    for (let next; (next = this.findGrantable()) !== undefined;) {
      this.waiters.splice(this.waiters.indexOf(next), 1);
      const { party, request, sinceMs, listener } = next;
      if (!listener.isConnected()) continue;
      this.outcomes.push({ listener, outcome: this.grant(party, request, sinceMs, listener) });
    }
  }

  /**
   * Returns the waiter that is granted next. Of several, it has the lowest token: the protocol leaves
   * their order open, and the counts of shared holders follow from it.
   */
  findGrantable(): ModelWaiter | undefined {
    const token = ({ listener }: ModelWaiter) =>
      listener.isConnected() ? this.tokenFor(listener) : 0;
    return this.waiters.filter((it) =>
      it.request.names.every((name) =>
        this.queueOf(name)[0] === it && this.isFree(it.party, it.request, name)
      )
    ).sort((a, b) => token(a) < token(b) ? -1 : 1)[0];
  }

  release(party: ModelParty, names: readonly string[], kind: LockKind): number | string[] {
    const held = (name: string) =>
      [false, true].filter((isShared) => kind !== (isShared ? "exclusive" : "shared"))
        .map((isShared) => this.ownOf(party, name, isShared)).filter((it) => it !== undefined);
    const missing = names.filter((name) => held(name).length === 0);
    if (missing.length > 0) return missing;
    const all = names.flatMap(held);
    for (const hold of all) this.end(hold, "released");
    this.completeStep();
    return all.length;
  }

  renew(party: ModelParty, name: string, leaseMs: number): boolean {
    const own = this.holds.filter((it) => it.party === party && it.name === name);
    for (const hold of own) hold.leaseEndMs = this.nowMs + leaseMs;
    return own.length > 0;
  }

  force(name: string): number {
    const all = [...this.of(name, false), ...this.of(name, true)];
    for (const hold of all) this.end(hold, "forced");
    this.completeStep();
    return all.length;
  }
}
