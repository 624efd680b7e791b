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
import { PoolFixture, usedFixture } from "../../support/pools.ts";

const DEFAULTS = { latencyMs: 7_000, seed: "minimal", mode: 5 } as const;

/** Returns latency, seed method and mode of each pool, in the order of the list. */
function settings(fixture: PoolFixture): string {
  return fixture.pools.list.map(({ name, latencyMs, seed, mode }) => {
    return `${name}: ${latencyMs} ${seed} ${mode}`;
  }).join(", ");
}

Deno.test("newPools() returns a table without pools and master, and with nothing to save", () => {
  const pools = newPools(DEFAULTS);
  assertEquals([pools.list, pools.master, pools.defaults], [[], undefined, DEFAULTS]);
  assertEquals(pools.revision, pools.savedRevision);
});

Deno.test("poolsOf() returns the named pool, or all pools in order without a name", () => {
  const { pools } = new PoolFixture({ q: {}, p: {} });
  assertEquals(poolsOf(pools, undefined) === pools.list, true);
  assertEquals(poolsOf(pools, "p"), [pools.list[1]!]);
  assertEquals(poolsOf(pools, ""), refuse("no pool"));
});

Deno.test("addPool() adds an empty pool with the defaults at the end", () => {
  const fixture = new PoolFixture({ q: { a: 1 } }, DEFAULTS).apply(setMode, "queued").apply(
    setSeed,
    "serial",
  );
  assertEquals(fixture.attempt(addPool, "p"), "dirty");
  assertEquals(settings(fixture), "q: 7000 serial queued, p: 7000 minimal 5");
  assertEquals([fixture.uses("p"), fixture.sessions("p"), fixture.current("p")], ["", "", 0]);
  assertEquals(fixture.consume("p", "ada"), "no room");
  assertEquals(fixture.apply(setResource, "a", 1, "p").consume("p", "ada"), "a");
});

Deno.test("dropPool() drops resources and sessions, and does not change other pools", () => {
  const description = { p: { a: 1, r: 2 }, q: { a: 1, r: 2 }, s: { r: 2 } };
  for (const [dropped, left] of [["p", "q s"], ["q", "p s"], ["s", "p q"]] as const) {
    const fixture = new PoolFixture(description, { coupled: ["r"] });
    fixture.consume("q", "ada", "bob");
    fixture.consume("p", "ada");
    assertEquals(fixture.attempt(dropPool, dropped), "dirty");
    assertEquals(fixture.names(), left);
    assertEquals(fixture.consume(dropped, "ada"), "no pool");
    const holders = { p: "ada@a", q: "ada@a bob@r", s: "" };
    for (const pool of left.split(" ") as ("p" | "q" | "s")[]) {
      assertEquals(fixture.sessions(pool), holders[pool], `${pool} without ${dropped}`);
      assertEquals(fixture.budget(pool, "r").counted, dropped === "q" ? 0 : 1);
    }
    assertEquals(fixture.advance(1000).names(), left);
    for (const pool of left.split(" ")) assertEquals(fixture.sessions(pool), "");
  }
});

Deno.test("a pool created under a dropped name has no old values", () => {
  const fixture = new PoolFixture({ p: { a: 1 }, q: {} }, DEFAULTS).apply(setMode, "sticky", "p");
  fixture.consume("p", "ada");
  fixture.lock("p", "a").apply(dropPool, "p").apply(addPool, "p");
  assertEquals([fixture.names(), fixture.uses("p")], ["q p", ""]);
  assertEquals(settings(fixture), "q: 7000 minimal 5, p: 7000 minimal 5");
  fixture.apply(setResource, "a", 1, "p");
  assertEquals([fixture.flags("p"), fixture.consume("p", "bob")], ["", "a"]);
});

Deno.test("dropPool() of the last pool with a coupled name ends the coupling", () => {
  const fixture = new PoolFixture({ p: { r: 2 }, q: { r: 2 }, s: {} }, { coupled: ["r"] });
  fixture.apply(dropPool, "p").apply(setRatio, "r", 20_000).apply(setResource, "r", 3, "s");
  assertEquals([fixture.uses("q"), fixture.uses("s")], ["r=0/6", "r=0/6"]);
  fixture.apply(dropPool, "q").apply(dropPool, "s").apply(addPool, "p").apply(addPool, "q");
  fixture.apply(setResource, "r", 1, "p").apply(setResource, "r", 2, "q");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["r=0/1", "r=0/2"]);
});

Deno.test("setLatency() applies to existing sessions, from their last contact", () => {
  const cases: [latencyMs: number, endMs: number][] = [
    [20_000, 20_000],
    [10_001, 10_001],
    [9_000, 9_000],
    [4_001, 4_001],
    [4_000, 4_000],
    [1_000, 4_000],
  ];
  for (const [latencyMs, endMs] of cases) {
    const fixture = new PoolFixture({ p: { a: 9 }, q: { a: 9 } }, { latencyMs: 10_000 });
    fixture.consume("p", "ada");
    fixture.consume("q", "ada");
    assertEquals(fixture.advance(4_000).attempt(setLatency, latencyMs, "p"), "dirty");
    fixture.nowMs = Math.max(4_000, endMs - 1);
    assertEquals(fixture.sessions("p"), endMs > 4_000 ? "ada@a" : "", `${latencyMs}`);
    fixture.nowMs = endMs;
    assertEquals(fixture.sessions("p"), "", `${latencyMs}`);
    assertEquals(fixture.sessions("q"), endMs < 10_000 ? "ada@a" : "", `${latencyMs}`);
  }
});

Deno.test("setLatency() does not bring back expired sessions", () => {
  const fixture = new PoolFixture({ p: { a: 9 } }, { latencyMs: 10 });
  fixture.consume("p", "ada");
  assertEquals(fixture.advance(10).apply(setLatency, 20).sessions("p"), "");
});

Deno.test("latency, seed and mode are set in one pool or in all; a change makes the table dirty", () => {
  const before = "1000 weighted sticky";
  const cases: [(fixture: PoolFixture, pool?: string) => string, after: string][] = [
    [(fixture, pool) => fixture.attempt(setLatency, 5, pool), "5 weighted sticky"],
    [(fixture, pool) => fixture.attempt(setSeed, "serial", pool), "1000 serial sticky"],
    [(fixture, pool) => fixture.attempt(setMode, "queued", pool), "1000 weighted queued"],
    [(fixture, pool) => fixture.attempt(setMode, 7, pool), "1000 weighted 7"],
  ];
  for (const [set, after] of cases) {
    const fixture = new PoolFixture({ p: { a: 1 }, q: {} });
    assertEquals([set(fixture, "p"), settings(fixture)], ["dirty", `p: ${after}, q: ${before}`]);
    assertEquals([set(fixture, "p"), settings(fixture)], ["nothing", `p: ${after}, q: ${before}`]);
    assertEquals([set(fixture), settings(fixture)], ["dirty", `p: ${after}, q: ${after}`]);
    assertEquals([set(fixture), set(fixture, "q"), set(fixture, "x")], [
      "nothing",
      "nothing",
      "no pool x",
    ]);
    assertEquals(set(new PoolFixture()), "nothing");
  }
});

Deno.test("setSeed() counts existing sessions", () => {
  const fixture = new PoolFixture({ p: { a: 9, b: 9 } }, { seed: "serial" });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd"), "a, a, a");
  assertEquals(fixture.apply(setSeed, "weighted").consume("p", "dan"), "b");
  assertEquals(fixture.apply(setSeed, "serial", "p").consume("p", "eve"), "b");
});

Deno.test("a refused rule about pools changes nothing", () => {
  const fixture = usedFixture().lock("p", "a");
  assertEquals(fixture.attempt(addPool, "p"), "pool exists p");
  assertEquals(fixture.attempt(dropPool, "x"), "no pool x");
  assertEquals(fixture.attempt(setLatency, 1, "x"), "no pool x");
  assertEquals(fixture.attempt(setSeed, "serial", "x"), "no pool x");
  assertEquals(fixture.attempt(setMode, "queued", "x"), "no pool x");
});
