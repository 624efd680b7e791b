/** What changes while all goes on: freeze and unfreeze of section 2.2, and section 2.3. */
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

/** Resource a in p and q, b in p; ada and bob have a session on a in p, ada in q too. */
function someWorld(): World {
  const world = new World({ p: { a: 4, b: 4 }, q: { a: 4 } }, { seed: "serial" });
  assertEquals([world.consume("p", "ada", "bob"), world.consume("q", "ada")], ["a, a", "a"]);
  return world;
}

Deno.test("freeze closes a resource for new sessions in its pool, unfreeze opens it", () => {
  const world = someWorld();
  assertEquals(world.ask(setFrozen, "a", "p", true), "changed");
  assertEquals([world.flags("p"), world.flags("q")], ["a frozen", ""]);
  assertEquals(world.holders("p"), "ada@a bob@a");
  assertEquals([world.consume("p", "ada", "cyd"), world.consume("q", "cyd")], ["a, b", "a"]);
  assertEquals(world.ask(setFrozen, "a", "p", false), "changed");
  world.given(setFrozen, "b", "p", true);
  assertEquals(world.consume("p", "dan"), "a");
});

Deno.test("to freeze what is frozen, and to unfreeze what is not, is right and does nothing", () => {
  const world = someWorld();
  assertEquals(world.ask(setFrozen, "a", "p", false), "nothing");
  world.given(setFrozen, "a", "p", true);
  assertEquals(world.ask(setFrozen, "a", "p", true), "nothing");
});

Deno.test("set-used stores an offset, so that effective is what was said", () => {
  const cases: [number, offset: number, use: string][] = [
    [0, -2, "a=0/4 b=0/4"],
    [1, -1, "a=1/4 b=0/4"],
    [2, 0, "a=2/4 b=0/4"],
    [3, 1, "a=3/4 b=0/4"],
    [9, 7, "a=9/4 b=0/4"],
    [2_147_483_647, 2_147_483_645, "a=2147483647/4 b=0/4"],
  ];
  for (const [number, offset, use] of cases) {
    const world = someWorld();
    assertEquals(world.ask(setUsed, "a", number, "p"), number === 2 ? "nothing" : "changed");
    assertEquals([world.budget("p", "a").counted, world.budget("p", "a").offset], [2, offset]);
    assertEquals([world.uses("p"), world.uses("q")], [use, "a=1/4"]);
    assertEquals(world.ask(setUsed, "a", number, "p"), "nothing", "the same again");
  }
});

Deno.test("later sessions move effective use on, but never below 0", () => {
  const cases: [number, oneMore: string, oneLess: string, noneLeft: string][] = [
    [3, "a=4/4", "a=3/4", "a=1/4"],
    [1, "a=2/4", "a=1/4", "a=0/4"],
    [0, "a=1/4", "a=0/4", "a=0/4"],
  ];
  for (const [number, oneMore, oneLess, noneLeft] of cases) {
    const world = new World({ p: { a: 4 } });
    world.consume("p", "ada", "bob");
    world.given(setUsed, "a", number);
    assertEquals(world.consume("p", "cyd"), "a");
    const told = [world.uses("p"), world.given(releaseResource, "p", "cyd").uses("p")];
    told.push(world.given(releaseResource, "p", "bob").given(releaseResource, "p", "ada").uses("p"));
    assertEquals(told, [oneMore, oneLess, noneLeft], `${number}`);
  }
});

Deno.test("set-used fills a resource and opens it", () => {
  const world = new World({ p: { a: 2 } }).given(setUsed, "a", 2, "p");
  assertEquals(world.consume("p", "ada"), "no room");
  world.given(setUsed, "a", 1, "p");
  assertEquals(world.consume("p", "ada", "bob"), "a, no room");
  world.given(setUsed, "a", 0, "p");
  assertEquals(world.consume("p", "bob", "cyd", "dan"), "a, a, no room");
});

Deno.test("set-ratio changes the effective quantity, and opens or closes by it", () => {
  const world = new World({ p: { a: 2 } });
  assertEquals(world.ask(setRatio, "a", 5_000, "p"), "changed");
  assertEquals(world.ask(setRatio, "a", 5_000, "p"), "nothing");
  assertEquals(world.consume("p", "ada", "bob"), "a, no room");
  world.given(setRatio, "a", 15_000, "p");
  assertEquals(world.consume("p", "bob", "cyd", "dan"), "a, a, no room");
  world.given(setRatio, "a", 1, "p");
  assertEquals([world.uses("p"), world.holders("p")], ["a=3/0", "ada@a bob@a cyd@a"]);
  world.given(setRatio, "a", 10_000, "p");
  assertEquals([world.uses("p"), world.consume("p", "dan")], ["a=3/2", "no room"]);
});

Deno.test("an effective quantity of 0 is never open", () => {
  const world = new World({ p: { a: 1 } }, { mode: "queued" }).given(setRatio, "a", 9_999);
  assertEquals([world.uses("p"), world.consume("p", "ada")], ["a=0/0", "no room"]);
});

Deno.test("without a pool, set-used and set-ratio act where the resource exists", () => {
  const world = someWorld();
  assertEquals(world.ask(setUsed, "a", 3), "changed");
  assertEquals([world.budget("p", "a").offset, world.budget("q", "a").offset], [1, 2]);
  assertEquals(world.ask(setRatio, "a", 20_000), "changed");
  assertEquals([world.uses("p"), world.uses("q")], ["a=3/8 b=0/4", "a=3/8"]);
  world.given(setUsed, "b", 1).given(setRatio, "b", 5_000);
  assertEquals([world.uses("p"), world.uses("q")], ["a=3/8 b=1/2", "a=3/8"]);
});

Deno.test("what is refused changes nothing", () => {
  const world = busyWorld();
  assertEquals(world.ask(setFrozen, "a", "x", true), "no pool x");
  assertEquals(world.ask(setFrozen, "x", "p", true), "no resource x");
  assertEquals(world.ask(setFrozen, "a", "q", true), "no resource a");
  for (const rule of [setUsed, setRatio]) {
    assertEquals(world.ask(rule, "a", 7, "x"), "no pool x");
    assertEquals(world.ask(rule, "x", 7, "p"), "no resource x");
    assertEquals(world.ask(rule, "a", 7, "q"), "no resource a");
    assertEquals(world.ask(rule, "x", 7), "no resource x");
  }
});
