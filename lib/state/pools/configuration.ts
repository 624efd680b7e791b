/** The configuration in the pool table: the part that the file contains and `save` writes. */
import { couple } from "./coupling.ts";
import type { PoolDefaults, PoolMode, Pools, Seed } from "./model.ts";
import { setResource } from "./resources.ts";
import { addPool, newPools, setLatency, setMode, setSeed } from "./table.ts";

export interface PoolsConfiguration {
  readonly pools: readonly PoolConfiguration[];
  /** Names of coupled resources, sorted, including names that no pool has. */
  readonly coupled: readonly string[];
}

export interface PoolConfiguration {
  readonly name: string;
  readonly seed: Seed;
  readonly mode: PoolMode;
  readonly latencyMs: number;
  readonly resources: readonly { readonly name: string; readonly quantity: number }[];
}

export function configurationOf({ list, coupled }: Pools): PoolsConfiguration {
  const pools = list.map(({ name, seed, mode, latencyMs, resources }) => ({
    name,
    seed,
    mode,
    latencyMs,
    resources: resources.map(({ name, budget }) => ({ name, quantity: budget.given })),
  }));
  return { pools, coupled: [...coupled].sort() };
}

/**
 * Returns a new table with this configuration, which counts as saved.
 * @param salt see `newPools`.
 */
export function buildPools(
  configuration: PoolsConfiguration,
  defaults: PoolDefaults,
  salt = 0,
): Pools {
  const pools = newPools(defaults, salt);
  for (const { name, seed, mode, latencyMs, resources } of configuration.pools) {
    addPool(pools, name);
    setSeed(pools, seed, name);
    setMode(pools, mode, name);
    setLatency(pools, latencyMs, name);
    for (const resource of resources) setResource(pools, resource.name, resource.quantity, name);
  }
  for (const name of configuration.coupled) {
    couple(pools, name);
    pools.coupled.add(name); // even if no pool has the resource yet
  }
  pools.savedRevision = pools.revision;
  return pools;
}
