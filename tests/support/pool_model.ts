/**
 * A reference model of the Looky pool table, slow and simple, written from the sentences of the
 * specification: it scans arrays and stores nothing that it can compute. Here are the table and its
 * administration; sessions are in `pool_model_sessions.ts`.
 */
import {
  counted,
  type ModelOutcome,
  type ModelPool,
  type ModelResource,
  type ModelSession,
  type ModelSettings,
  resourceOf,
} from "./pool_model_values.ts";

export class PoolModel {
  pools: ModelPool[] = [];
  /** The oldest contact first, over all pools. */
  sessions: ModelSession[] = [];
  master: number | undefined;
  dirty = false;
  readonly coupled: Set<string>;

  constructor(readonly defaults: ModelSettings, coupled: readonly string[] = []) {
    this.coupled = new Set(coupled);
  }

  /** Returns what `save` would write: a command that changes it makes the table dirty. */
  saved(): string {
    const pools = this.pools.map(({ name, latencySeconds, seed, mode, resources }) => {
      return [
        name,
        latencySeconds,
        seed,
        mode,
        resources.map((its) => [its.name, its.budget.given]),
      ];
    });
    return JSON.stringify([pools, [...this.coupled].sort()]);
  }

  poolNamed(name: string): ModelPool | undefined {
    return this.pools.find((pool) => pool.name === name);
  }

  /** Returns the pools that a command applies to: the named one, or all. */
  selectPools(name: string | undefined): ModelPool[] {
    return this.pools.filter((pool) => name === undefined || pool.name === name);
  }

  addPool(name: string): ModelOutcome {
    if (this.poolNamed(name)) return "pool exists";
    this.pools.push({ name, ...this.defaults, resources: [], cursor: { at: 0, chosen: false } });
    return "done";
  }

  dropPool(name: string): ModelOutcome {
    const pool = this.poolNamed(name);
    if (!pool) return "no pool";
    for (const resource of [...pool.resources]) this.#drop(pool, resource);
    this.pools = this.pools.filter((other) => other !== pool);
    return "done";
  }

  /** Sets latency, seed or mode, of one pool or of all. */
  set(pool: string | undefined, settings: Partial<ModelSettings>): ModelOutcome {
    if (pool !== undefined && !this.poolNamed(pool)) return "no pool";
    for (const each of this.selectPools(pool)) Object.assign(each, settings);
    return "done";
  }

  setResource(poolName: string | undefined, name: string, quantity: number): ModelOutcome {
    if (poolName !== undefined && !this.poolNamed(poolName)) return "no pool";
    if (quantity <= 0) return "done";
    for (const pool of this.selectPools(poolName)) {
      if (!resourceOf(pool, name)) pool.resources.push(this.#newResource(name));
    }
    const isCoupled = this.coupled.has(name);
    for (const pool of this.selectPools(isCoupled ? undefined : poolName)) {
      const resource = resourceOf(pool, name);
      if (resource) resource.budget.given = quantity;
    }
    return "done";
  }

  #newResource(name: string): ModelResource {
    const [shared] = this.coupled.has(name) ? this.#named(name) : [];
    const budget = shared?.budget ?? { given: 0, ratio: 10_000, offset: 0 };
    return { name, budget, frozen: false, locked: false };
  }

  /** Returns the resources of this name, in the order of the pools. */
  #named(name: string, pool?: string): ModelResource[] {
    return this.selectPools(pool).flatMap(({ resources }) =>
      resources.filter((its) => its.name === name)
    );
  }

  /** Calls `act` with the resource in one pool, or in all pools that have it. */
  #toEach(
    pool: string | undefined,
    name: string,
    act: (resource: ModelResource) => void,
  ): ModelOutcome {
    if (pool !== undefined && !this.poolNamed(pool)) return "no pool";
    const resources = this.#named(name, pool);
    resources.forEach(act);
    return resources.length === 0 ? "no resource" : "done";
  }

  dropResource(poolName: string | undefined, name: string): ModelOutcome {
    return this.#toEach(poolName, name, (resource) => {
      for (const pool of this.pools) {
        if (pool.resources.includes(resource)) this.#drop(pool, resource);
      }
    });
  }

  #drop(pool: ModelPool, resource: ModelResource): void {
    const index = pool.resources.indexOf(resource);
    const { at, chosen } = pool.cursor;
    if (index < at) pool.cursor = { at: at - 1, chosen };
    if (index === at) pool.cursor = { at, chosen: false };
    pool.resources.splice(index, 1);
    this.sessions = this.sessions.filter((session) => session.resource !== resource);
    if (this.#named(resource.name).length === 0) this.coupled.delete(resource.name);
  }

  couple(name: string): ModelOutcome {
    const resources = this.#named(name);
    if (resources.length === 0) return "no resource";
    if (this.coupled.has(name)) return "done";
    this.coupled.add(name);
    const budgets = resources.map(({ budget }) => budget);
    const common = {
      given: Math.max(...budgets.map(({ given }) => given)),
      ratio: Math.max(...budgets.map(({ ratio }) => ratio)),
      offset: budgets.reduce((sum, { offset }) => sum + offset, 0),
    };
    for (const resource of resources) resource.budget = common;
    return "done";
  }

  decouple(name: string): ModelOutcome {
    const resources = this.#named(name);
    if (resources.length === 0) return "no resource";
    if (!this.coupled.delete(name)) return "done";
    for (const [index, resource] of resources.entries()) {
      const { given, ratio, offset } = resource.budget;
      resource.budget = { given, ratio, offset: index === 0 ? offset : 0 };
    }
    return "done";
  }

  freeze(pool: string, name: string, frozen: boolean): ModelOutcome {
    return this.#toEach(pool, name, (resource) => resource.frozen = frozen);
  }

  lock(pool: string | undefined, name: string, locked: boolean): ModelOutcome {
    return this.#toEach(pool, name, (resource) => resource.locked = locked);
  }

  setUsed(pool: string | undefined, name: string, used: number): ModelOutcome {
    return this.#toEach(pool, name, ({ budget }) => {
      budget.offset = used - counted(this.sessions, budget);
    });
  }

  setRatio(pool: string | undefined, name: string, ratio: number): ModelOutcome {
    return this.#toEach(pool, name, ({ budget }) => budget.ratio = ratio);
  }

  /** Returns whether this connection may send a command of this group. */
  checkMaster(owner: number, group: "(m)" | "(M)"): ModelOutcome {
    if (this.master === owner) return "done";
    if (this.master !== undefined) return "another is master";
    return group === "(M)" ? "no master" : "done";
  }

  becomeMaster(owner: number): ModelOutcome {
    if (this.master !== undefined) return "master exists";
    this.master = owner;
    return "done";
  }

  leave(owner: number): void {
    if (this.master !== owner) return;
    this.master = undefined;
    for (const { resources } of this.pools) resources.forEach((each) => each.locked = false);
  }
}
