/** Rules of section 2.1: consume, release, clear, free. */
import { clear, consume, freeResource, releaseResource } from "../../../lib/state/pools/assign.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { setMode } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { PoolFixture, usedFixture } from "../../support/pools.ts";

/** Returns two pools that the consumers asked in turn, p1 in p, q1 in q and so on. */
function visited(...consumers: string[]): PoolFixture {
  const fixture = new PoolFixture({ p: { a: 9, b: 9 }, q: { a: 9, b: 9 } }, { seed: "parallel" });
  for (const consumer of consumers) fixture.consume(consumer[0]!, consumer);
  return fixture;
}

Deno.test("consume() assigns a resource until the latency has passed", () => {
  const { pools } = new PoolFixture({ p: { a: 1 } }, { latencyMs: 3_600_000 });
  assertEquals(consume(pools, "p", "ada", 17), { resource: "a", endMs: 3_600_017 });
  assertEquals(consume(pools, "p", "ada", 20), { resource: "a", endMs: 3_600_020 });
});

Deno.test("consume() renews a session even if its resource is full, closed or smaller by now", () => {
  const changes: ((fixture: PoolFixture) => PoolFixture)[] = [
    (fixture) => fixture,
    (fixture) => fixture.apply(setFrozen, "a", "p", true),
    (fixture) => fixture.lock("p", "a"),
    (fixture) => fixture.apply(setFrozen, "a", "p", true).lock("p", "a"),
    (fixture) => fixture.apply(setResource, "a", 1, "p"),
    (fixture) => fixture.apply(setUsed, "a", 99),
    (fixture) => fixture.apply(setRatio, "a", 1),
    (fixture) => fixture.apply(setMode, 1),
    (fixture) => fixture.apply(setMode, "queued"),
  ];
  for (const [index, change] of changes.entries()) {
    const fixture = new PoolFixture({ p: { a: 2, b: 9 } }, { seed: "serial", latencyMs: 100 });
    assertEquals(fixture.consume("p", "ada", "bob"), "a, a");
    assertEquals(change(fixture).advance(50).consume("p", "ada"), "a", `case ${index}`);
    assertEquals(fixture.sessions("p"), "bob@a ada@a", `case ${index}`);
    assertEquals(fixture.advance(50).sessions("p"), "ada@a", `case ${index}`);
  }
});

Deno.test("a consumer has at most one session in each pool", () => {
  const fixture = new PoolFixture({ p: { a: 9, b: 9 }, q: { c: 9 } }, { seed: "parallel" });
  assertEquals(fixture.consume("p", "ada", "ada", "ada"), "a, a, a");
  assertEquals(fixture.consume("q", "ada"), "c");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["a=1/9 b=0/9", "c=1/9"]);
});

Deno.test("consume() chooses anew for a consumer whose session has expired", () => {
  const fixture = new PoolFixture({ p: { a: 1, b: 1 } }, { seed: "parallel", latencyMs: 10 });
  assertEquals(fixture.consume("p", "ada"), "a");
  assertEquals(fixture.advance(9).consume("p", "ada"), "a");
  assertEquals(fixture.advance(10).consume("p", "ada"), "b");
  fixture.apply(setFrozen, "a", "p", true).apply(setFrozen, "b", "p", true);
  assertEquals(fixture.advance(9).consume("p", "ada"), "b");
  assertEquals(fixture.advance(10).consume("p", "ada"), "no room");
});

Deno.test("names are any text, and all their characters count", () => {
  const names = ["ada", "Ada", "__proto__", "constructor", "a,b\\", "\xe4"];
  const fixture = new PoolFixture({ __proto__x: { toString: 9 } });
  const expected = names.map(() => "toString").join(", ");
  assertEquals(fixture.consume("__proto__x", ...names), expected);
  assertEquals(fixture.uses("__proto__x"), `toString=${names.length}/9`);
  assertEquals(fixture.consume("__proto__", "ada"), "no pool");
});

Deno.test("releaseResource() ends the consumer's session in the pool, and no other", () => {
  const fixture = visited("p1", "p2", "p3", "q1");
  assertEquals(fixture.attempt(releaseResource, "p", "p2"), "changed");
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["p1@a p3@a", "q1@a"]);
  assertEquals(fixture.consume("p", "p2"), "b");
});

Deno.test("releaseResource() does nothing for unknown pools and consumers", () => {
  const fixture = visited("p1", "q1");
  for (const [pool, consumer] of [["p", "q1"], ["p", ""], ["x", "p1"], ["", ""]] as const) {
    assertEquals(
      fixture.attempt(releaseResource, pool, consumer),
      "nothing",
      `${pool} ${consumer}`,
    );
  }
  assertEquals([
    fixture.attempt(releaseResource, "p", "p1"),
    fixture.attempt(releaseResource, "p", "p1"),
  ], [
    "changed",
    "nothing",
  ]);
});

Deno.test("clear() ends the sessions of one pool or of all", () => {
  const fixture = visited("p1", "q1", "p2");
  assertEquals(fixture.attempt(clear, "p"), "changed");
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["", "q1@a"]);
  assertEquals(fixture.attempt(clear, "p"), "nothing");
  assertEquals(fixture.consume("p", "p3"), "a");
  assertEquals(fixture.attempt(clear), "changed");
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["", ""]);
  assertEquals([fixture.attempt(clear), new PoolFixture().attempt(clear)], ["nothing", "nothing"]);
});

Deno.test("clear() keeps offsets, flags and the counts of other pools", () => {
  const fixture = usedFixture().lock("q", "b").apply(setUsed, "r", 7);
  const before = fixture.budget("p", "r");
  assertEquals([before.counted, before.offset], [2, 5]);
  fixture.apply(clear, "p");
  assertEquals(fixture.budget("p", "r"), { ...before, counted: 1 });
  fixture.apply(clear);
  assertEquals(fixture.budget("p", "r"), { ...before, counted: 0 });
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["a=1/2 b=0/3 r=5/2", "b=0/4 r=5/2"]);
  assertEquals([fixture.flags("p"), fixture.flags("q")], ["b frozen", "b locked"]);
});

Deno.test("freeResource() ends the sessions with the oldest contact, of one pool or of all", () => {
  const cases: [number, pool: string | undefined, outcome: string, p: string, q: string][] = [
    [0, undefined, "nothing", "p2@b p3@a p1@a", "q1@a q2@b"],
    [0, "p", "nothing", "p2@b p3@a p1@a", "q1@a q2@b"],
    [1, undefined, "changed", "p2@b p3@a p1@a", "q2@b"],
    [2, undefined, "changed", "p3@a p1@a", "q2@b"],
    [3, undefined, "changed", "p3@a p1@a", ""],
    [4, undefined, "changed", "p1@a", ""],
    [5, undefined, "changed", "", ""],
    [6, undefined, "changed", "", ""],
    [1, "p", "changed", "p3@a p1@a", "q1@a q2@b"],
    [2, "p", "changed", "p1@a", "q1@a q2@b"],
    [3, "p", "changed", "", "q1@a q2@b"],
    [2_147_483_647, "p", "changed", "", "q1@a q2@b"],
    [1, "q", "changed", "p2@b p3@a p1@a", "q2@b"],
  ];
  for (const [number, pool, outcome, p, q] of cases) {
    const fixture = visited("p1", "q1", "p2", "q2", "p3", "p1");
    assertEquals(fixture.attempt(freeResource, number, pool), outcome, `${number} ${pool}`);
    assertEquals([fixture.sessions("p"), fixture.sessions("q")], [p, q], `${number} ${pool}`);
  }
});

Deno.test("freeResource() ends sessions on frozen and locked resources too", () => {
  const fixture = visited("p1", "p2", "p3").apply(setFrozen, "a", "p", true).lock("p", "b");
  assertEquals(fixture.apply(freeResource, 2, "p").sessions("p"), "p3@a");
});

Deno.test("freeResource() does nothing to empty pools, whatever the number", () => {
  for (const fixture of [new PoolFixture(), new PoolFixture({ p: {} }), visited()]) {
    for (const number of [0, 1, 7]) assertEquals(fixture.attempt(freeResource, number), "nothing");
  }
});

Deno.test("sessions do not make the table dirty", () => {
  const fixture = new PoolFixture({ p: { a: 1 } }, { mode: "queued", latencyMs: 10 });
  for (const consumer of ["ada", "ada", "bob"]) {
    assertEquals(fixture.attempt(consume, "p", consumer, fixture.nowMs), "changed");
  }
  fixture.apply(releaseResource, "p", "bob").consume("p", "ada");
  assertEquals(fixture.advance(10).sessions("p"), "");
  assertEquals(fixture.pools.revision, fixture.pools.savedRevision);
});

Deno.test("a refused consume(), clear() or freeResource() changes nothing", () => {
  const fixture = usedFixture();
  assertEquals(fixture.attempt(consume, "x", "ada", fixture.nowMs), "no pool x");
  for (const mode of ["sticky", 1] as const) {
    fixture.apply(setMode, mode, "p");
    fixture.apply(setFrozen, "r", "p", mode === 1);
    assertEquals(fixture.attempt(consume, "p", "dan", fixture.nowMs), "no room p", `${mode}`);
  }
  assertEquals(fixture.attempt(clear, "x"), "no pool x");
  assertEquals(fixture.attempt(freeResource, 1, "x"), "no pool x");
  assertEquals(fixture.attempt(freeResource, 0, ""), "no pool");
});
