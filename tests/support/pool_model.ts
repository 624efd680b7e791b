/**
 * A slow, obvious model of the Looky pool table, written from the specification's sentences:
 * arrays that are scanned, nothing remembered that can be looked up. Here are the table and what
 * administers it; `pool_model_sessions.ts` has who holds what.
 */
import {
  counted,
  type Done,
  type ModelPool,
  type ModelResource,
  type ModelSession,
  resourceOf,
  type Settings,
} from "./pool_model_values.ts";

export class PoolModel {
  pools: ModelPool[] = [];
  /** The oldest contact first, over all pools. */
  sessions: ModelSession[] = [];
  master: number | undefined;
  dirty = false;
  readonly coupled: Set<string>;

  constructor(readonly defaults: Settings, coupled: readonly string[] = []) {
    this.coupled = new Set(coupled);
  }

  /** All that `save` would write: a command makes the table dirty when it makes another of this. */
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

  /** The pools that a command is about: the named one, or all. */
  poolsMeant(name: string | undefined): ModelPool[] {
    return this.pools.filter((pool) => name === undefined || pool.name === name);
  }

  addPool(name: string): Done {
    if (this.poolNamed(name)) return "pool exists";
    this.pools.push({ name, ...this.defaults, resources: [], cursor: { at: 0, chosen: false } });
    return "done";
  }

  dropPool(name: string): Done {
    const pool = this.poolNamed(name);
    if (!pool) return "no pool";
    for (const resource of [...pool.resources]) this.#drop(pool, resource);
    this.pools = this.pools.filter((other) => other !== pool);
    return "done";
  }

  /** Latency, seed or mode, of one pool or of all. */
  set(pool: string | undefined, settings: Partial<Settings>): Done {
    if (pool !== undefined && !this.poolNamed(pool)) return "no pool";
    for (const each of this.poolsMeant(pool)) Object.assign(each, settings);
    return "done";
  }

  setResource(poolName: string | undefined, name: string, quantity: number): Done {
    if (poolName !== undefined && !this.poolNamed(poolName)) return "no pool";
    if (quantity <= 0) return "done";
    for (const pool of this.poolsMeant(poolName)) {
      if (!resourceOf(pool, name)) pool.resources.push(this.#newResource(name));
    }
    const everywhere = this.coupled.has(name);
    for (const pool of this.poolsMeant(everywhere ? undefined : poolName)) {
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

  /** The resources of this name, in the order of the pools. */
  #named(name: string, pool?: string): ModelResource[] {
    return this.poolsMeant(pool).flatMap(({ resources }) =>
      resources.filter((its) => its.name === name)
    );
  }

  /** Does it to the resource in one pool, or wherever it exists. */
  #toEach(pool: string | undefined, name: string, act: (resource: ModelResource) => void): Done {
    if (pool !== undefined && !this.poolNamed(pool)) return "no pool";
    const resources = this.#named(name, pool);
    resources.forEach(act);
    return resources.length === 0 ? "no resource" : "done";
  }

  dropResource(poolName: string | undefined, name: string): Done {
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

  couple(name: string): Done {
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

  decouple(name: string): Done {
    const resources = this.#named(name);
    if (resources.length === 0) return "no resource";
    if (!this.coupled.delete(name)) return "done";
    for (const [index, resource] of resources.entries()) {
      const { given, ratio, offset } = resource.budget;
      resource.budget = { given, ratio, offset: index === 0 ? offset : 0 };
    }
    return "done";
  }

  freeze(pool: string, name: string, frozen: boolean): Done {
    return this.#toEach(pool, name, (resource) => resource.frozen = frozen);
  }

  lock(pool: string | undefined, name: string, locked: boolean): Done {
    return this.#toEach(pool, name, (resource) => resource.locked = locked);
  }

  setUsed(pool: string | undefined, name: string, used: number): Done {
    return this.#toEach(pool, name, ({ budget }) => {
      budget.offset = used - counted(this.sessions, budget);
    });
  }

  setRatio(pool: string | undefined, name: string, ratio: number): Done {
    return this.#toEach(pool, name, ({ budget }) => budget.ratio = ratio);
  }

  /** May this connection give such a command? */
  judge(owner: number, group: "(m)" | "(M)"): Done {
    if (this.master === owner) return "done";
    if (this.master !== undefined) return "another is master";
    return group === "(M)" ? "nobody is master" : "done";
  }

  becomeMaster(owner: number): Done {
    if (this.master !== undefined) return "mastered already";
    this.master = owner;
    return "done";
  }

  leave(owner: number): void {
    if (this.master !== owner) return;
    this.master = undefined;
    for (const { resources } of this.pools) resources.forEach((each) => each.locked = false);
  }
}
