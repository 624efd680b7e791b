/**
 * The pool rules alone: small pools beside large ones, for every seed method. `request_bench.ts` has
 * the cost of a request beyond its rule.
 */
import { consume, releaseResource } from "../lib/state/pools/assign.ts";
import { type Pools, type Seed, SEEDS } from "../lib/state/pools/model.ts";
import { setResource } from "../lib/state/pools/resources.ts";
import { expireSessions } from "../lib/state/pools/sessions.ts";
import { addPool, newPools } from "../lib/state/pools/table.ts";

const POOL = "farm";
const NOW_MS = 1_000;

/** Returns a pool in which only the last resource has free units. */
function filledPool(seed: Seed, resources: number, sessions: number): Pools {
  const pools = newPools({ latencyMs: 3_600_000, seed, mode: "queued" });
  addPool(pools, POOL);
  const each = Math.ceil(sessions / resources);
  for (let i = 0; i < resources; i++) setResource(pools, `host-${i}`, each, POOL);
  for (let i = 0; i < sessions; i++) consume(pools, POOL, `user-${i}`, NOW_MS);
  setResource(pools, "host-spare", 1000, POOL);
  return pools;
}

for (const seed of SEEDS) {
  for (const [resources, sessions] of [[10, 100], [10, 1_000_000], [10_000, 1_000_000]] as const) {
    let pools: Pools | undefined;
    let turn = 0;
    const name = `${seed}: consume and release, ${resources} resources, ${sessions} sessions`;
    Deno.bench({ name, group: seed, baseline: sessions === 100 }, (bench) => {
      pools ??= filledPool(seed, resources, sessions);
      const consumer = `guest-${turn++ & 255}`;
      bench.start();
      expireSessions(pools, NOW_MS);
      consume(pools, POOL, consumer, NOW_MS);
      releaseResource(pools, POOL, consumer);
      bench.end();
    });
  }
}
