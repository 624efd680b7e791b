/** Rules of section 2.1: consume, release, clear, free. */
import { clear, consume, freeResource, releaseResource } from "../../../lib/state/pools/assign.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { setMode } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

/** Two pools where consumers came in turn, p1 to p, q1 to q and so on. */
function visited(...consumers: string[]): World {
  const world = new World({ p: { a: 9, b: 9 }, q: { a: 9, b: 9 } }, { seed: "parallel" });
  for (const consumer of consumers) world.consume(consumer[0]!, consumer);
  return world;
}

Deno.test("consume grants a resource until the latency has passed", () => {
  const { pools } = new World({ p: { a: 1 } }, { latencyMs: 3_600_000 });
  assertEquals(consume(pools, "p", "ada", 17), { resource: "a", endMs: 3_600_017 });
  assertEquals(consume(pools, "p", "ada", 20), { resource: "a", endMs: 3_600_020 });
});

Deno.test("who holds a session gets the same resource again, whatever has become of it", () => {
  const changes: ((world: World) => World)[] = [
    (world) => world,
    (world) => world.given(setFrozen, "a", "p", true),
    (world) => world.lock("p", "a"),
    (world) => world.given(setFrozen, "a", "p", true).lock("p", "a"),
    (world) => world.given(setResource, "a", 1, "p"),
    (world) => world.given(setUsed, "a", 99),
    (world) => world.given(setRatio, "a", 1),
    (world) => world.given(setMode, 1),
    (world) => world.given(setMode, "queued"),
  ];
  for (const [index, change] of changes.entries()) {
    const world = new World({ p: { a: 2, b: 9 } }, { seed: "serial", latencyMs: 100 });
    assertEquals(world.consume("p", "ada", "bob"), "a, a");
    assertEquals(change(world).pass(50).consume("p", "ada"), "a", `case ${index}`);
    assertEquals(world.holders("p"), "bob@a ada@a", `case ${index}`);
    assertEquals(world.pass(50).holders("p"), "ada@a", `case ${index}`);
  }
});

Deno.test("a consumer holds one session in a pool, and one in each", () => {
  const world = new World({ p: { a: 9, b: 9 }, q: { c: 9 } }, { seed: "parallel" });
  assertEquals(world.consume("p", "ada", "ada", "ada"), "a, a, a");
  assertEquals(world.consume("q", "ada"), "c");
  assertEquals([world.uses("p"), world.uses("q")], ["a=1/9 b=0/9", "c=1/9"]);
});

Deno.test("when its session is over, a consumer is a new one", () => {
  const world = new World({ p: { a: 1, b: 1 } }, { seed: "parallel", latencyMs: 10 });
  assertEquals(world.consume("p", "ada"), "a");
  assertEquals(world.pass(9).consume("p", "ada"), "a");
  assertEquals(world.pass(10).consume("p", "ada"), "b");
  world.given(setFrozen, "a", "p", true).given(setFrozen, "b", "p", true);
  assertEquals(world.pass(9).consume("p", "ada"), "b");
  assertEquals(world.pass(10).consume("p", "ada"), "no room");
});

Deno.test("names are any text, and told apart by every letter", () => {
  const names = ["ada", "Ada", "__proto__", "constructor", "a,b\\", "\xe4"];
  const world = new World({ __proto__x: { toString: 9 } });
  const told = names.map(() => "toString").join(", ");
  assertEquals(world.consume("__proto__x", ...names), told);
  assertEquals(world.uses("__proto__x"), `toString=${names.length}/9`);
  assertEquals(world.consume("__proto__", "ada"), "no pool");
});

Deno.test("release ends the consumer's session in the pool, and no other", () => {
  const world = visited("p1", "p2", "p3", "q1");
  assertEquals(world.ask(releaseResource, "p", "p2"), "changed");
  assertEquals([world.holders("p"), world.holders("q")], ["p1@a p3@a", "q1@a"]);
  assertEquals(world.consume("p", "p2"), "b");
});

Deno.test("release is always right, also of what is not there", () => {
  const world = visited("p1", "q1");
  for (const [pool, consumer] of [["p", "q1"], ["p", ""], ["x", "p1"], ["", ""]] as const) {
    assertEquals(world.ask(releaseResource, pool, consumer), "nothing", `${pool} ${consumer}`);
  }
  assertEquals([world.ask(releaseResource, "p", "p1"), world.ask(releaseResource, "p", "p1")], [
    "changed",
    "nothing",
  ]);
});

Deno.test("clear ends the sessions of one pool or of all", () => {
  const world = visited("p1", "q1", "p2");
  assertEquals(world.ask(clear, "p"), "changed");
  assertEquals([world.holders("p"), world.holders("q")], ["", "q1@a"]);
  assertEquals(world.ask(clear, "p"), "nothing");
  assertEquals(world.consume("p", "p3"), "a");
  assertEquals(world.ask(clear), "changed");
  assertEquals([world.holders("p"), world.holders("q")], ["", ""]);
  assertEquals([world.ask(clear), new World().ask(clear)], ["nothing", "nothing"]);
});

Deno.test("clear leaves offsets and flags alone, and what other pools count", () => {
  const world = busyWorld().lock("q", "b").given(setUsed, "r", 7);
  const before = world.budget("p", "r");
  assertEquals([before.counted, before.offset], [2, 5]);
  world.given(clear, "p");
  assertEquals(world.budget("p", "r"), { ...before, counted: 1 });
  world.given(clear);
  assertEquals(world.budget("p", "r"), { ...before, counted: 0 });
  assertEquals([world.uses("p"), world.uses("q")], ["a=1/2 b=0/3 r=5/2", "b=0/4 r=5/2"]);
  assertEquals([world.flags("p"), world.flags("q")], ["b frozen", "b locked"]);
});

Deno.test("free ends the sessions with the oldest contact, of one pool or of all", () => {
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
    const world = visited("p1", "q1", "p2", "q2", "p3", "p1");
    assertEquals(world.ask(freeResource, number, pool), outcome, `${number} ${pool}`);
    assertEquals([world.holders("p"), world.holders("q")], [p, q], `${number} ${pool}`);
  }
});

Deno.test("free ends sessions on frozen and locked resources too", () => {
  const world = visited("p1", "p2", "p3").given(setFrozen, "a", "p", true).lock("p", "b");
  assertEquals(world.given(freeResource, 2, "p").holders("p"), "p3@a");
});

Deno.test("free of empty pools does nothing, however many", () => {
  for (const world of [new World(), new World({ p: {} }), visited()]) {
    for (const number of [0, 1, 7]) assertEquals(world.ask(freeResource, number), "nothing");
  }
});

Deno.test("sessions are not saved", () => {
  const world = new World({ p: { a: 1 } }, { mode: "queued", latencyMs: 10 });
  for (const consumer of ["ada", "ada", "bob"]) {
    assertEquals(world.ask(consume, "p", consumer, world.nowMs), "changed");
  }
  world.given(releaseResource, "p", "bob").consume("p", "ada");
  assertEquals(world.pass(10).holders("p"), "");
  assertEquals(world.pools.revision, world.pools.savedRevision);
});

Deno.test("what is refused changes nothing", () => {
  const world = busyWorld();
  assertEquals(world.ask(consume, "x", "ada", world.nowMs), "no pool x");
  for (const mode of ["sticky", 1] as const) {
    world.given(setMode, mode, "p");
    world.given(setFrozen, "r", "p", mode === 1);
    assertEquals(world.ask(consume, "p", "dan", world.nowMs), "no room p", `${mode}`);
  }
  assertEquals(world.ask(clear, "x"), "no pool x");
  assertEquals(world.ask(freeResource, 1, "x"), "no pool x");
  assertEquals(world.ask(freeResource, 0, ""), "no pool");
});
