/** The configuration of a pool table: a table is built from it, and returns it. */
import { couple, decouple } from "../../../lib/state/pools/coupling.ts";
import { buildPools, configurationOf } from "../../../lib/state/pools/configuration.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { setLatency, setMode, setSeed } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { assertLaws } from "../../support/pool_model_laws.ts";
import { PoolFixture, usedFixture } from "../../support/pools.ts";

const DEFAULTS = { latencyMs: 7_000, seed: "minimal", mode: 5 } as const;

/** Two pools with every kind of setting. */
const CONFIGURATION = {
  pools: [
    {
      name: "q",
      latencyMs: 5_000,
      seed: "parallel",
      mode: 7,
      resources: [{ name: "b", quantity: 3 }, { name: "a", quantity: 2 }],
    },
    { name: "p", latencyMs: 9_000, seed: "weighted", mode: "queued", resources: [] },
  ],
  coupled: ["b", "z"],
} as const;

Deno.test("buildPools() returns a table with the configuration and nothing to save", () => {
  const pools = buildPools(CONFIGURATION, DEFAULTS);
  assertLaws(pools);
  assertEquals(configurationOf(pools), CONFIGURATION);
  assertEquals([pools.revision, pools.defaults], [pools.savedRevision, DEFAULTS]);
});

Deno.test("buildPools() returns an empty table for an empty configuration", () => {
  const configuration = { pools: [], coupled: [] };
  assertEquals(configurationOf(buildPools(configuration, DEFAULTS)), configuration);
});

Deno.test("buildPools() gives a coupled resource its largest quantity in every pool", () => {
  const pools = [3, 5, 4].map((quantity, index) => ({
    ...CONFIGURATION.pools[1],
    name: `p${index}`,
    resources: [{ name: "r", quantity }, { name: "own", quantity }],
  }));
  const built = configurationOf(buildPools({ pools, coupled: ["r"] }, DEFAULTS));
  const quantities = built.pools.map(({ resources }) => resources.map(({ quantity }) => quantity));
  assertEquals(quantities, [[5, 3], [5, 5], [5, 4]]);
});

Deno.test("configurationOf() follows every change that is to be saved", () => {
  const fixture = new PoolFixture({ q: { b: 1 }, p: {} }, { coupled: ["z"] });
  fixture.apply(setLatency, 5_000, "q").apply(setLatency, 9_000, "p");
  fixture.apply(setSeed, "parallel", "q").apply(setMode, 7, "q").apply(setMode, "queued", "p");
  fixture.apply(setResource, "b", 3).apply(setResource, "a", 2, "q").apply(couple, "b");
  const changed = { ...CONFIGURATION.pools[1], resources: [{ name: "b", quantity: 3 }] };
  assertEquals(configurationOf(fixture.pools), {
    ...CONFIGURATION,
    pools: [CONFIGURATION.pools[0], changed],
  });
  assertEquals(configurationOf(fixture.apply(decouple, "b").pools).coupled, ["z"]);
});

Deno.test("configurationOf() ignores sessions, ratios, offsets, freezes and locks", () => {
  const fixture = usedFixture();
  const before = configurationOf(fixture.pools);
  fixture.apply(setUsed, "r", 1).apply(setRatio, "a", 1).apply(setFrozen, "a", "p", true);
  fixture.lock("q", "b").consume("p", "dan");
  assertEquals(configurationOf(fixture.pools), before);
});
