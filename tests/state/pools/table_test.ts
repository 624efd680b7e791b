/** The table itself, and rules about whole pools: add, drop, latency, seed, mode. */
import { poolsOf } from "../../../lib/state/pools/lookup.ts";
import { refuse } from "../../../lib/state/pools/model.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setRatio } from "../../../lib/state/pools/run_time.ts";
import {
  addPool,
  dropPool,
  newPools,
  setLatency,
  setMode,
  setSeed,
} from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

const DEFAULTS = { latencyMs: 7_000, seed: "minimal", mode: 5 } as const;

/** Latency, seed method and mode of each pool, in the order of the list. */
function settings(world: World): string {
  return world.pools.list.map(({ name, latencyMs, seed, mode }) => {
    return `${name}: ${latencyMs} ${seed} ${mode}`;
  }).join(", ");
}

Deno.test("a new table has no pools, no master, and nothing to save", () => {
  const pools = newPools(DEFAULTS);
  assertEquals([pools.list, pools.master, pools.defaults], [[], undefined, DEFAULTS]);
  assertEquals(pools.revision, pools.savedRevision);
});

Deno.test("a name stands for one pool, no name for all, in their order", () => {
  const { pools } = new World({ q: {}, p: {} });
  assertEquals(poolsOf(pools, undefined) === pools.list, true);
  assertEquals(poolsOf(pools, "p"), [pools.list[1]!]);
  assertEquals(poolsOf(pools, ""), refuse("no pool"));
});

Deno.test("add-pool makes an empty pool with the defaults, behind the others", () => {
  const world = new World({ q: { a: 1 } }, DEFAULTS).given(setMode, "queued").given(
    setSeed,
    "serial",
  );
  assertEquals(world.ask(addPool, "p"), "dirty");
  assertEquals(settings(world), "q: 7000 serial queued, p: 7000 minimal 5");
  assertEquals([world.uses("p"), world.holders("p"), world.current("p")], ["", "", 0]);
  assertEquals(world.consume("p", "ada"), "no room");
  assertEquals(world.given(setResource, "a", 1, "p").consume("p", "ada"), "a");
});

Deno.test("drop-pool takes resources and sessions along, and leaves the other pools alone", () => {
  const description = { p: { a: 1, r: 2 }, q: { a: 1, r: 2 }, s: { r: 2 } };
  for (const [dropped, left] of [["p", "q s"], ["q", "p s"], ["s", "p q"]] as const) {
    const world = new World(description, { coupled: ["r"] });
    world.consume("q", "ada", "bob");
    world.consume("p", "ada");
    assertEquals(world.ask(dropPool, dropped), "dirty");
    assertEquals(world.names(), left);
    assertEquals(world.consume(dropped, "ada"), "no pool");
    const holders = { p: "ada@a", q: "ada@a bob@r", s: "" };
    for (const pool of left.split(" ") as ("p" | "q" | "s")[]) {
      assertEquals(world.holders(pool), holders[pool], `${pool} without ${dropped}`);
      assertEquals(world.budget(pool, "r").counted, dropped === "q" ? 0 : 1);
    }
    assertEquals(world.pass(1000).names(), left);
    for (const pool of left.split(" ")) assertEquals(world.holders(pool), "");
  }
});

Deno.test("a pool that comes again under a dropped name is new", () => {
  const world = new World({ p: { a: 1 }, q: {} }, DEFAULTS).given(setMode, "sticky", "p");
  world.consume("p", "ada");
  world.lock("p", "a").given(dropPool, "p").given(addPool, "p");
  assertEquals([world.names(), world.uses("p")], ["q p", ""]);
  assertEquals(settings(world), "q: 7000 minimal 5, p: 7000 minimal 5");
  world.given(setResource, "a", 1, "p");
  assertEquals([world.flags("p"), world.consume("p", "bob")], ["", "a"]);
});

Deno.test("when the last pool with a coupled name is dropped, the coupling is forgotten", () => {
  const world = new World({ p: { r: 2 }, q: { r: 2 }, s: {} }, { coupled: ["r"] });
  world.given(dropPool, "p").given(setRatio, "r", 20_000).given(setResource, "r", 3, "s");
  assertEquals([world.uses("q"), world.uses("s")], ["r=0/6", "r=0/6"]);
  world.given(dropPool, "q").given(dropPool, "s").given(addPool, "p").given(addPool, "q");
  world.given(setResource, "r", 1, "p").given(setResource, "r", 2, "q");
  assertEquals([world.uses("p"), world.uses("q")], ["r=0/1", "r=0/2"]);
});

Deno.test("set-latency counts for the sessions that are there, from their last contact", () => {
  const cases: [latencyMs: number, endMs: number][] = [
    [20_000, 20_000],
    [10_001, 10_001],
    [9_000, 9_000],
    [4_001, 4_001],
    [4_000, 4_000],
    [1_000, 4_000],
  ];
  for (const [latencyMs, endMs] of cases) {
    const world = new World({ p: { a: 9 }, q: { a: 9 } }, { latencyMs: 10_000 });
    world.consume("p", "ada");
    world.consume("q", "ada");
    assertEquals(world.pass(4_000).ask(setLatency, latencyMs, "p"), "dirty");
    world.nowMs = Math.max(4_000, endMs - 1);
    assertEquals(world.holders("p"), endMs > 4_000 ? "ada@a" : "", `${latencyMs}`);
    world.nowMs = endMs;
    assertEquals(world.holders("p"), "", `${latencyMs}`);
    assertEquals(world.holders("q"), endMs < 10_000 ? "ada@a" : "", `${latencyMs}`);
  }
});

Deno.test("who is gone by the old latency does not come back by a longer one", () => {
  const world = new World({ p: { a: 9 } }, { latencyMs: 10 });
  world.consume("p", "ada");
  assertEquals(world.pass(10).given(setLatency, 20).holders("p"), "");
});

Deno.test("latency, seed and mode are set in one pool or in all, and a change is to be saved", () => {
  const before = "1000 weighted sticky";
  const cases: [(world: World, pool?: string) => string, after: string][] = [
    [(world, pool) => world.ask(setLatency, 5, pool), "5 weighted sticky"],
    [(world, pool) => world.ask(setSeed, "serial", pool), "1000 serial sticky"],
    [(world, pool) => world.ask(setMode, "queued", pool), "1000 weighted queued"],
    [(world, pool) => world.ask(setMode, 7, pool), "1000 weighted 7"],
  ];
  for (const [set, after] of cases) {
    const world = new World({ p: { a: 1 }, q: {} });
    assertEquals([set(world, "p"), settings(world)], ["dirty", `p: ${after}, q: ${before}`]);
    assertEquals([set(world, "p"), settings(world)], ["nothing", `p: ${after}, q: ${before}`]);
    assertEquals([set(world), settings(world)], ["dirty", `p: ${after}, q: ${after}`]);
    assertEquals([set(world), set(world, "q"), set(world, "x")], [
      "nothing",
      "nothing",
      "no pool x",
    ]);
    assertEquals(set(new World()), "nothing");
  }
});

Deno.test("a seed method counts for the sessions that are there", () => {
  const world = new World({ p: { a: 9, b: 9 } }, { seed: "serial" });
  assertEquals(world.consume("p", "ada", "bob", "cyd"), "a, a, a");
  assertEquals(world.given(setSeed, "weighted").consume("p", "dan"), "b");
  assertEquals(world.given(setSeed, "serial", "p").consume("p", "eve"), "b");
});

Deno.test("what is refused changes nothing", () => {
  const world = busyWorld().lock("p", "a");
  assertEquals(world.ask(addPool, "p"), "pool exists p");
  assertEquals(world.ask(dropPool, "x"), "no pool x");
  assertEquals(world.ask(setLatency, 1, "x"), "no pool x");
  assertEquals(world.ask(setSeed, "serial", "x"), "no pool x");
  assertEquals(world.ask(setMode, "queued", "x"), "no pool x");
});
