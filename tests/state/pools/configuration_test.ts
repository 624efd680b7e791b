/** What of the pool table is configuration: made of an outline, and outlined again. */
import { couple, decouple } from "../../../lib/state/pools/coupling.ts";
import { buildPools, outlineOf } from "../../../lib/state/pools/outline.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { setLatency, setMode, setSeed } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { assertLaws } from "../../support/pool_model_laws.ts";
import { busyWorld, World } from "../../support/pools.ts";

const DEFAULTS = { latencyMs: 7_000, seed: "minimal", mode: 5 } as const;

/** Two pools that have everything that can be outlined. */
const OUTLINE = {
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

Deno.test("a table that was built of an outline has it, and nothing to save", () => {
  const pools = buildPools(OUTLINE, DEFAULTS);
  assertLaws(pools);
  assertEquals(outlineOf(pools), OUTLINE);
  assertEquals([pools.revision, pools.defaults], [pools.savedRevision, DEFAULTS]);
});

Deno.test("an empty outline gives an empty table", () => {
  const outline = { pools: [], coupled: [] };
  assertEquals(outlineOf(buildPools(outline, DEFAULTS)), outline);
});

Deno.test("a coupled resource has the largest of its quantities everywhere", () => {
  const pools = [3, 5, 4].map((quantity, index) => ({
    ...OUTLINE.pools[1],
    name: `p${index}`,
    resources: [{ name: "r", quantity }, { name: "own", quantity }],
  }));
  const built = outlineOf(buildPools({ pools, coupled: ["r"] }, DEFAULTS));
  const quantities = built.pools.map(({ resources }) => resources.map(({ quantity }) => quantity));
  assertEquals(quantities, [[5, 3], [5, 5], [5, 4]]);
});

Deno.test("the outline follows what is to be saved", () => {
  const world = new World({ q: { b: 1 }, p: {} }, { coupled: ["z"] });
  world.given(setLatency, 5_000, "q").given(setLatency, 9_000, "p");
  world.given(setSeed, "parallel", "q").given(setMode, 7, "q").given(setMode, "queued", "p");
  world.given(setResource, "b", 3).given(setResource, "a", 2, "q").given(couple, "b");
  const outline = { ...OUTLINE.pools[1], resources: [{ name: "b", quantity: 3 }] };
  assertEquals(outlineOf(world.pools), { ...OUTLINE, pools: [OUTLINE.pools[0], outline] });
  assertEquals(outlineOf(world.given(decouple, "b").pools).coupled, ["z"]);
});

Deno.test("sessions, ratios, offsets, freezes and locks are no part of it", () => {
  const world = busyWorld();
  const before = outlineOf(world.pools);
  world.given(setUsed, "r", 1).given(setRatio, "a", 1).given(setFrozen, "a", "p", true);
  world.lock("q", "b").consume("p", "dan");
  assertEquals(outlineOf(world.pools), before);
});
