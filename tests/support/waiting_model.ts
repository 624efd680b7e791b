/**
 * The slow, obvious model of waiting for locks, written from the contract alone: one list of
 * holdings, one of waiters, and each question is answered by looking through both.
 */
import type { Ending } from "../../lib/state/locks/event_log.ts";
import type { HoldMode } from "../../lib/state/locks/lease.ts";
import type { AcquireRequest, WaitListener } from "../../lib/state/locks/lock_request.ts";
import { WaitsFor } from "./waiting_graph.ts";
import {
  type ModelHolding,
  type ModelOutcome,
  type ModelPrevious,
  type ModelWaiter,
  type Party,
  takesShared,
} from "./waiting_values.ts";

/** Ahead of everybody for a name that one has already. */
const OWN = Infinity;

export class WaitingModel {
  readonly holdings: ModelHolding[] = [];
  /** In the order they came. */
  readonly waiters: ModelWaiter[] = [];
  readonly previous = new Map<string, ModelPrevious>();
  readonly orphans = { exclusive: 0, shared: 0 };
  /** What those who waited have heard since the last step. */
  news: { ear: WaitListener; outcome: ModelOutcome }[] = [];
  nowMs = 0;
  /** Which token a grant has had; nobody but the rules can know. */
  tokenFor: (ear: WaitListener | undefined) => number = () => 0;

  of(name: string, isShared: boolean): ModelHolding[] {
    return this.holdings.filter((it) => it.name === name && it.isShared === isShared);
  }

  ownOf(party: Party, name: string, isShared: boolean): ModelHolding | undefined {
    return this.of(name, isShared).find((it) => it.party === party);
  }

  queueOf(name: string): ModelWaiter[] {
    const priority = (it: ModelWaiter) => it.priorities.get(name)!;
    const order = (a: ModelWaiter, b: ModelWaiter) =>
      priority(a) === priority(b) ? 0 : priority(b) - priority(a);
    return this.waiters.filter(({ wish }) => wish.names.includes(name)).sort(order);
  }

  waiterOf(party: Party): ModelWaiter | undefined {
    return this.waiters.find((it) => it.party === party);
  }

  isFree(party: Party, { mode, max }: AcquireRequest, name: string): boolean {
    const others = (isShared: boolean) =>
      this.of(name, isShared).filter((it) => it.party !== party);
    if (mode !== "shared" && others(false).length > 0) return false;
    if (mode === "exclusive") return true;
    if (mode === "write") return others(true).length === 0;
    return this.ownOf(party, name, true) !== undefined || others(true).length < max;
  }

  priorityOf(party: Party, wish: AcquireRequest, name: string): number {
    return this.ownOf(party, name, takesShared(wish.mode)) === undefined ? wish.priority : OWN;
  }

  /** The first name that cannot be had at once. */
  obstacle(party: Party, wish: AcquireRequest): string | undefined {
    return wish.names.find((name) => {
      if (!this.isFree(party, wish, name)) return true;
      const priority = this.priorityOf(party, wish, name);
      return priority !== OWN &&
        this.queueOf(name).some((it) => it.priorities.get(name)! >= priority);
    });
  }

  busy(party: Party, wish: AcquireRequest, name: string): ModelOutcome {
    const [exclusive, shared] = [false, true].map((isShared) =>
      this.of(name, isShared).find((it) => it.party !== party)
    );
    const first = wish.mode === "shared" ? shared ?? exclusive : exclusive ?? shared;
    return {
      kind: "busy",
      name,
      holder: first?.party.owner,
      sinceMs: first?.sinceMs ?? 0,
      why: first?.why ?? "",
      waiting: this.queueOf(name).length,
    };
  }

  acquire(party: Party, wish: AcquireRequest): ModelOutcome {
    const isShared = takesShared(wish.mode);
    const owns = wish.names.map((name) => this.ownOf(party, name, isShared));
    const token = owns[0]?.token;
    if (owns.every((own) => own !== undefined && own.mode === wish.mode && own.token === token)) {
      for (const own of owns) this.agree(own!, wish);
      return this.granted(
        wish,
        token!,
        this.nowMs,
        wish.names.map((name) => this.previousOf(name)),
      );
    }
    const name = this.obstacle(party, wish);
    if (name !== undefined) return this.busy(party, wish, name);
    return this.grant(party, wish, this.nowMs, undefined);
  }

  grant(
    party: Party,
    wish: AcquireRequest,
    sinceMs: number,
    ear: WaitListener | undefined,
  ): ModelOutcome {
    const isShared = takesShared(wish.mode);
    const token = this.tokenFor(ear);
    const previous = wish.names.map((name) => this.previousOf(name));
    for (const name of wish.names) {
      const own = this.ownOf(party, name, isShared) ?? this.take(party, name, wish.mode, token);
      own.token = token;
      this.agree(own, wish);
    }
    return this.granted(wish, token, sinceMs, previous);
  }

  granted(
    wish: AcquireRequest,
    token: number,
    sinceMs: number,
    previous: ModelPrevious[],
  ): ModelOutcome {
    const isShared = takesShared(wish.mode);
    const counts = wish.names.map((name) => this.of(name, isShared).length);
    return { kind: "acquired", token, counts, previous, waitedMs: this.nowMs - sinceMs };
  }

  previousOf(name: string): ModelPrevious {
    return this.previous.get(name) ?? { ending: "none", owner: undefined };
  }

  take(party: Party, name: string, mode: HoldMode, token: number): ModelHolding {
    const endless = { leaseEndMs: Infinity, graceMs: 0, graceEndMs: Infinity };
    const isShared = takesShared(mode);
    const holding = {
      name,
      isShared,
      party,
      mode,
      token,
      sinceMs: this.nowMs,
      why: "",
      ...endless,
    };
    this.holdings.push(holding);
    return holding;
  }

  agree(holding: ModelHolding, { mode, why, leaseMs, graceMs }: AcquireRequest): void {
    holding.mode = mode;
    if (why !== undefined) holding.why = why;
    if (graceMs !== undefined) holding.graceMs = graceMs;
    if (leaseMs !== undefined) holding.leaseEndMs = this.nowMs + leaseMs;
  }

  wait(party: Party, wish: AcquireRequest, waitMs: number, ear: WaitListener): void {
    const priorities = new Map(
      wish.names.map((name) => [name, this.priorityOf(party, wish, name)]),
    );
    const [sinceMs, endMs] = [this.nowMs, this.nowMs + waitMs];
    this.waiters.push({ party, wish, sinceMs, endMs, ear, priorities });
  }

  /** One holding ends; who waits is served then. */
  end(holding: ModelHolding, ending: Ending): void {
    this.holdings.splice(this.holdings.indexOf(holding), 1);
    if (!holding.isShared) this.previous.set(holding.name, { ending, owner: holding.party.owner });
    if (holding.party.absent !== undefined && ending !== "released") {
      this.orphans[holding.isShared ? "shared" : "exclusive"]++;
    }
    const waiter = this.waiterOf(holding.party);
    if (waiter !== undefined) this.moveBack(waiter, holding);
  }

  /** Who waits and has lost what it held stands in line like others; if that is a circle, it is told. */
  moveBack(waiter: ModelWaiter, { name, isShared }: ModelHolding): void {
    const { party, ear, wish, priorities } = waiter;
    if (priorities.get(name) !== OWN || takesShared(wish.mode) !== isShared) return;
    priorities.set(name, wish.priority);
    if (!new WaitsFor(this).hasCycle(party)) return;
    this.waiters.splice(this.waiters.indexOf(waiter), 1);
    this.news.push({ ear, outcome: { kind: "deadlock" } });
  }

  /** Grants until nothing can be. Two that can have no name in common: the order does not matter. */
  serve(): void {
    for (let next; (next = this.servable()) !== undefined;) {
      this.waiters.splice(this.waiters.indexOf(next), 1);
      const { party, wish, sinceMs, ear } = next;
      if (!ear.isConnected()) continue;
      this.news.push({ ear, outcome: this.grant(party, wish, sinceMs, ear) });
    }
  }

  servable(): ModelWaiter | undefined {
    return this.waiters.find((it) =>
      it.wish.names.every((name) =>
        this.queueOf(name)[0] === it && this.isFree(it.party, it.wish, name)
      )
    );
  }

  release(party: Party, names: readonly string[], kind: string | undefined): number | string[] {
    const held = (name: string) =>
      [false, true].filter((isShared) => kind !== (isShared ? "exclusive" : "shared"))
        .map((isShared) => this.ownOf(party, name, isShared)).filter((it) => it !== undefined);
    const missing = names.filter((name) => held(name).length === 0);
    if (missing.length > 0) return missing;
    const all = names.flatMap(held);
    for (const holding of all) this.end(holding, "released");
    this.serve();
    return all.length;
  }

  renew(party: Party, name: string, leaseMs: number): boolean {
    const own = this.holdings.filter((it) => it.party === party && it.name === name);
    for (const holding of own) holding.leaseEndMs = this.nowMs + leaseMs;
    return own.length > 0;
  }

  force(name: string): number {
    const all = [...this.of(name, false), ...this.of(name, true)];
    for (const holding of all) this.end(holding, "forced");
    this.serve();
    return all.length;
  }

  /** The names that are given back, exclusive and shared. */
  leave(party: Party, how: "closed" | "lost", secret: string, withGrace: boolean): string[][] {
    const waiter = this.waiterOf(party);
    if (waiter !== undefined) this.waiters.splice(this.waiters.indexOf(waiter), 1);
    const absent: Party = { owner: party.owner, absent: { how, secret } };
    const gone: string[][] = [[], []];
    for (const holding of this.holdings.filter((it) => it.party === party)) {
      if (withGrace && holding.graceMs > 0) {
        holding.party = absent;
        holding.graceEndMs = this.nowMs + holding.graceMs;
        continue;
      }
      gone[holding.isShared ? 1 : 0]!.push(holding.name);
      this.end(holding, how);
    }
    this.serve();
    return gone;
  }

  resume(party: Party, session: number, secret: string): number | undefined {
    const kept = this.holdings.filter(({ party: { owner, absent } }) =>
      owner === session && absent !== undefined && absent.secret === secret
    );
    for (const holding of kept) {
      const hasOne = holding.isShared && this.ownOf(party, holding.name, true) !== undefined;
      if (hasOne) this.end(holding, "released");
      else {
        holding.party = party;
        holding.graceEndMs = Infinity;
      }
    }
    this.serve();
    return kept.length === 0 ? undefined : kept.length;
  }

  /** All that is due by now ends, in its order, before anybody is granted anything. */
  lapse(): void {
    for (;;) {
      const due = (it: ModelHolding) => Math.min(it.leaseEndMs, it.graceEndMs);
      const holding = this.holdings.toSorted((a, b) => due(a) < due(b) ? -1 : 1)[0];
      const waiter = this.waiters.toSorted((a, b) => a.endMs < b.endMs ? -1 : 1)[0];
      const holdingMs = holding === undefined ? Infinity : due(holding);
      const waiterMs = waiter?.endMs ?? Infinity;
      if (Math.min(holdingMs, waiterMs) > this.nowMs) break;
      if (waiter !== undefined && waiterMs < holdingMs) this.timeOut(waiter);
      else if (holding !== undefined) this.expire(holding);
    }
    this.serve();
  }

  expire(holding: ModelHolding): void {
    const isGrace = holding.graceEndMs < holding.leaseEndMs;
    this.end(holding, isGrace ? holding.party.absent!.how : "expired");
  }

  timeOut(waiter: ModelWaiter): void {
    const { party, wish, ear, sinceMs } = waiter;
    this.waiters.splice(this.waiters.indexOf(waiter), 1);
    const busy = this.busy(party, wish, this.obstacle(party, wish) ?? wish.names[0]!);
    this.news.push({ ear, outcome: { kind: "timeout", waitedMs: this.nowMs - sinceMs, busy } });
  }
}
