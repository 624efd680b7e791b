/**
 * Pool tables for tests: a world is made from a short description, its rules are run as the engine
 * runs them, and what became of it is told in words that are easy to compare.
 */
import { consume } from "../../lib/state/pools/assign.ts";
import { used } from "../../lib/state/pools/budget.ts";
import { setLocked } from "../../lib/state/pools/master.ts";
import {
  isRefused,
  type Pool,
  type PoolDefaults,
  type Pools,
  type Resource,
} from "../../lib/state/pools/model.ts";
import { setResource } from "../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../lib/state/pools/run_time.ts";
import { expire } from "../../lib/state/pools/sessions.ts";
import { addPool, newPools } from "../../lib/state/pools/table.ts";
import { assert, assertEquals } from "./assert.ts";
import { dump } from "./pool_dump.ts";
import { assertLaws } from "./pool_model_laws.ts";

/** The resources of each pool with their quantities: `{ p: { a: 2, b: 1 } }`. */
export type Description = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Settings extends Partial<PoolDefaults> {
  /** The names that are coupled from the beginning. */
  readonly coupled?: readonly string[];
}

/** Who locks when nobody else is master. */
const MASTER = 1;

/** A table of pools at a moment of a clock that only tests turn. Settings hold for all pools. */
export class World {
  readonly pools: Pools;
  nowMs = 0;

  constructor(description: Description = {}, { coupled = [], ...settings }: Settings = {}) {
    this.pools = newPools({ latencyMs: 1000, seed: "weighted", mode: "sticky", ...settings });
    for (const name of coupled) this.pools.coupled.add(name);
    for (const [pool, resources] of Object.entries(description)) {
      this.given(addPool, pool);
      for (const [name, quantity] of Object.entries(resources)) {
        this.given(setResource, name, quantity, pool);
      }
    }
    this.pools.savedRevision = this.pools.revision;
  }

  /** Runs a rule that must not be refused. */
  given<Words extends unknown[]>(
    rule: (pools: Pools, ...words: Words) => unknown,
    ...words: Words
  ): this {
    assert(!isRefused(this.#run(rule, words)), `${rule.name} ${words.join(" ")} is refused`);
    return this;
  }

  /**
   * Runs a rule, and says what it did: the refusal and its name; or "dirty", when it changed what
   * is saved, "changed", when it changed something else, "nothing" when it was done already.
   */
  ask<Words extends unknown[]>(
    rule: (pools: Pools, ...words: Words) => unknown,
    ...words: Words
  ): string {
    this.#expire();
    const [before, { revision }] = [dump(this.pools), this.pools];
    const outcome = this.#run(rule, words);
    if (isRefused(outcome)) return `${outcome.refused} ${outcome.name}`.trim();
    if (this.pools.revision > revision) return "dirty";
    return dump(this.pools).join() === before.join() ? "nothing" : "changed";
  }

  /** The resource that each consumer gets in turn, or why none: "a, b, no room". */
  consume(pool: string, ...consumers: string[]): string {
    return consumers.map((consumer) => {
      const outcome = this.#run(consume, [pool, consumer, this.nowMs]);
      return isRefused(outcome) ? outcome.refused : outcome.resource;
    }).join(", ");
  }

  /** Locks a resource as the master would, who comes if there is none. */
  lock(pool: string, name: string): this {
    this.pools.master ??= MASTER;
    return this.given(setLocked, name, true, pool);
  }

  pass(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Who holds what in a pool, the oldest contact first: "ada@a bob@b". */
  holders(pool: string): string {
    this.#expire();
    return [...this.pool(pool).sessions]
      .map(([, session]) => session)
      .sort((a, b) => a.order - b.order)
      .map(({ consumer, resource }) => `${consumer}@${resource.name}`)
      .join(" ");
  }

  /** Effective used and have of each resource of a pool, in the list's order: "a=1/2 b=0/1". */
  uses(pool: string): string {
    this.#expire();
    return this.pool(pool).resources
      .map(({ name, budget }) => `${name}=${used(budget)}/${budget.have}`)
      .join(" ");
  }

  /** The names of the pools, or of a pool's resources, in their order. */
  names(pool?: string): string {
    const named = pool === undefined ? this.pools.list : this.pool(pool).resources;
    return named.map(({ name }) => name).join(" ");
  }

  /** What the budget of a resource is made of. */
  budget(pool: string, name: string): Record<"given" | "ratio" | "counted" | "offset", number> {
    const { given, ratio, counted, offset } = this.resource(pool, name).budget;
    return { given, ratio, counted, offset };
  }

  /** The resources of a pool that are closed whatever they hold: "a frozen b frozen,locked". */
  flags(pool: string): string {
    return this.pool(pool).resources.flatMap(({ name, frozen, locked }) => {
      const flags = [...(frozen ? ["frozen"] : []), ...(locked ? ["locked"] : [])];
      return flags.length > 0 ? [`${name} ${flags.join()}`] : [];
    }).join(" ");
  }

  /** The index of the last choice as it is printed: 0 before the first. */
  current(pool: string): number {
    return Math.max(0, this.pool(pool).current);
  }

  pool(name: string): Pool {
    return this.pools.byName.get(name)!;
  }

  resource(pool: string, name: string): Resource {
    return this.pool(pool).byName.get(name)!;
  }

  #expire(): void {
    expire(this.pools, this.nowMs);
    assertLaws(this.pools);
  }

  /** A refusal must have changed nothing, and the laws hold whatever the outcome. */
  #run<Words extends unknown[], Outcome>(
    rule: (pools: Pools, ...words: Words) => Outcome,
    words: Words,
  ): Outcome {
    this.#expire();
    const before = dump(this.pools);
    const outcome = rule(this.pools, ...words);
    if (isRefused(outcome)) assertEquals(dump(this.pools), before, `${rule.name} is refused`);
    assertLaws(this.pools);
    return outcome;
  }
}

/** A world where a rule that is refused has much to spoil: all of it has been changed by use. */
export function busyWorld(): World {
  const world = new World({ p: { a: 2, b: 2, r: 2 }, q: { b: 3, r: 2 } }, {
    seed: "parallel",
    coupled: ["r"],
  });
  assertEquals(world.consume("p", "ada", "bob", "cyd"), "a, b, r");
  assertEquals(world.pass(100).consume("q", "ada", "bob"), "b, r");
  return world.given(setFrozen, "b", "p", true).given(setUsed, "a", 2).given(setRatio, "b", 15_000);
}
