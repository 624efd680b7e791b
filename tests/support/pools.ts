/**
 * Pool tables for tests: created from a short description, with rules that run as the engine runs
 * them, and a state that reads as short texts.
 */
import { consume } from "../../lib/state/pools/assign.ts";
import { effectiveUse } from "../../lib/state/pools/budget.ts";
import { setLocked } from "../../lib/state/pools/master.ts";
import {
  isRefusal,
  type Pool,
  type PoolDefaults,
  type Pools,
  type Resource,
} from "../../lib/state/pools/model.ts";
import { setResource } from "../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../lib/state/pools/run_time.ts";
import { expireSessions } from "../../lib/state/pools/sessions.ts";
import { addPool, newPools } from "../../lib/state/pools/table.ts";
import { assert, assertEquals } from "./assert.ts";
import { dump } from "./pool_dump.ts";
import { assertLaws } from "./pool_model_laws.ts";

/** The resources of each pool with their quantities: `{ p: { a: 2, b: 1 } }`. */
export type Description = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Settings extends Partial<PoolDefaults> {
  /** Names coupled from the beginning. */
  readonly coupled?: readonly string[];
}

/** The owner that locks if there is no master yet. */
const MASTER = 1;

/** A table of pools with a clock that only the test advances. Settings apply to all pools. */
export class PoolFixture {
  readonly pools: Pools;
  nowMs = 0;

  constructor(description: Description = {}, { coupled = [], ...settings }: Settings = {}) {
    this.pools = newPools({ latencyMs: 1000, seed: "weighted", mode: "sticky", ...settings });
    for (const name of coupled) this.pools.coupled.add(name);
    for (const [pool, resources] of Object.entries(description)) {
      this.apply(addPool, pool);
      for (const [name, quantity] of Object.entries(resources)) {
        this.apply(setResource, name, quantity, pool);
      }
    }
    this.pools.savedRevision = this.pools.revision;
  }

  /** Runs a rule that must succeed. */
  apply<Words extends unknown[]>(
    rule: (pools: Pools, ...words: Words) => unknown,
    ...words: Words
  ): this {
    assert(!isRefusal(this.#runRule(rule, words)), `${rule.name} ${words.join(" ")} is refused`);
    return this;
  }

  /**
   * Runs a rule and returns its effect: the refusal and its name, "dirty" if it changed what `save`
   * writes, "changed" if it changed anything else, else "nothing".
   */
  attempt<Words extends unknown[]>(
    rule: (pools: Pools, ...words: Words) => unknown,
    ...words: Words
  ): string {
    this.#expire();
    const [before, { revision }] = [dump(this.pools), this.pools];
    const outcome = this.#runRule(rule, words);
    if (isRefusal(outcome)) return `${outcome.reason} ${outcome.name}`.trim();
    if (this.pools.revision > revision) return "dirty";
    return dump(this.pools).join() === before.join() ? "nothing" : "changed";
  }

  /** Returns the resource that each consumer gets in turn, or the refusal: "a, b, no room". */
  consume(pool: string, ...consumers: string[]): string {
    return consumers.map((consumer) => {
      const outcome = this.#runRule(consume, [pool, consumer, this.nowMs]);
      return isRefusal(outcome) ? outcome.reason : outcome.resource;
    }).join(", ");
  }

  /** Locks a resource as the master; if there is none, becomes the master first. */
  lock(pool: string, name: string): this {
    this.pools.master ??= MASTER;
    return this.apply(setLocked, name, true, pool);
  }

  advance(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Returns the sessions of a pool, the oldest contact first: "ada@a bob@b". */
  sessions(pool: string): string {
    this.#expire();
    return [...this.pool(pool).sessions]
      .map(([, session]) => session)
      .sort((a, b) => a.contactNumber - b.contactNumber)
      .map(({ consumer, resource }) => `${consumer}@${resource.name}`)
      .join(" ");
  }

  /** Returns effective use and quantity of each resource of a pool, in order: "a=1/2 b=0/1". */
  uses(pool: string): string {
    this.#expire();
    return this.pool(pool).resources
      .map(({ name, budget }) => `${name}=${effectiveUse(budget)}/${budget.have}`)
      .join(" ");
  }

  /** Returns the names of the pools, or of a pool's resources, in order. */
  names(pool?: string): string {
    const items = pool === undefined ? this.pools.list : this.pool(pool).resources;
    return items.map(({ name }) => name).join(" ");
  }

  /** Returns the numbers of a resource's budget. */
  budget(pool: string, name: string): Record<"given" | "ratio" | "counted" | "offset", number> {
    const { given, ratio, counted, offset } = this.resource(pool, name).budget;
    return { given, ratio, counted, offset };
  }

  /** Returns the frozen and locked resources of a pool: "a frozen b frozen,locked". */
  flags(pool: string): string {
    return this.pool(pool).resources.flatMap(({ name, frozen, locked }) => {
      const flags = [...(frozen ? ["frozen"] : []), ...(locked ? ["locked"] : [])];
      return flags.length > 0 ? [`${name} ${flags.join()}`] : [];
    }).join(" ");
  }

  /** Returns the index of the last choice as it is printed: 0 before the first. */
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
    expireSessions(this.pools, this.nowMs);
    assertLaws(this.pools);
  }

  /** Runs a rule; a refusal must have changed nothing, and the laws must hold in any case. */
  #runRule<Words extends unknown[], Outcome>(
    rule: (pools: Pools, ...words: Words) => Outcome,
    words: Words,
  ): Outcome {
    this.#expire();
    const before = dump(this.pools);
    const outcome = rule(this.pools, ...words);
    if (isRefusal(outcome)) assertEquals(dump(this.pools), before, `${rule.name} is refused`);
    assertLaws(this.pools);
    return outcome;
  }
}

/**
 * Returns a fixture whose every value has been changed by use, so a refused rule could damage it.
 */
export function usedFixture(): PoolFixture {
  const fixture = new PoolFixture({ p: { a: 2, b: 2, r: 2 }, q: { b: 3, r: 2 } }, {
    seed: "parallel",
    coupled: ["r"],
  });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd"), "a, b, r");
  assertEquals(fixture.advance(100).consume("q", "ada", "bob"), "b, r");
  return fixture.apply(setFrozen, "b", "p", true).apply(setUsed, "a", 2).apply(
    setRatio,
    "b",
    15_000,
  );
}
