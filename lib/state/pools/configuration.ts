/** What of the pool table is configuration: what a file holds and `save` saves. */
import { couple } from "./coupling.ts";
import type { PoolDefaults, PoolMode, Pools, Seed } from "./model.ts";
import { setResource } from "./resources.ts";
import { addPool, newPools, setLatency, setMode, setSeed } from "./table.ts";

export interface Outline {
  readonly pools: readonly PoolOutline[];
  /** Names of coupled resources, sorted; of such that no pool has, too. */
  readonly coupled: readonly string[];
}

export interface PoolOutline {
  readonly name: string;
  readonly seed: Seed;
  readonly mode: PoolMode;
  readonly latencyMs: number;
  readonly resources: readonly { readonly name: string; readonly quantity: number }[];
}

export function outlineOf({ list, coupled }: Pools): Outline {
  const pools = list.map(({ name, seed, mode, latencyMs, resources }) => ({
    name,
    seed,
    mode,
    latencyMs,
    resources: resources.map(({ name, budget }) => ({ name, quantity: budget.given })),
  }));
  return { pools, coupled: [...coupled].sort() };
}

/** A new table as outlined; its state counts as saved. @param salt as of `newPools`. */
export function buildPools(
  { pools: outlines, coupled }: Outline,
  defaults: PoolDefaults,
  salt = 0,
): Pools {
  const pools = newPools(defaults, salt);
  for (const { name, seed, mode, latencyMs, resources } of outlines) {
    addPool(pools, name);
    setSeed(pools, seed, name);
    setMode(pools, mode, name);
    setLatency(pools, latencyMs, name);
    for (const resource of resources) setResource(pools, resource.name, resource.quantity, name);
  }
  for (const name of coupled) {
    couple(pools, name);
    pools.coupled.add(name); // also when no pool has it yet
  }
  pools.savedRevision = pools.revision;
  return pools;
}
