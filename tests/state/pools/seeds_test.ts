/** Which open resource a new session gets: the order of choices of each seed method. */
import { type Seed, SEEDS } from "../../../lib/state/pools/model.ts";
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { choose } from "../../../lib/state/pools/seeds.ts";
import { setSeed } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { World } from "../../support/pools.ts";

const MANY = ["ada", "bob", "cyd", "dan", "eve", "fay", "gus"];

/** A pool with room for three on each of a, b, c, d, where c was chosen last. */
function afterChoiceOfC(seed: Seed): World {
  const world = new World({ p: { a: 3, b: 3, c: 3, d: 3 } }, { seed });
  for (const name of ["a", "b"]) world.given(setFrozen, name, "p", true);
  assertEquals([world.consume("p", "ada"), world.current("p")], ["c", 2]);
  for (const name of ["a", "b"]) world.given(setFrozen, name, "p", false);
  return world;
}

/** After the choice of c some are dropped: what is printed as current, and the next three choices. */
function checkDrops(cases: [seed: Seed, dropped: string, current: number, next: string][]): void {
  for (const [seed, dropped, current, next] of cases) {
    const world = afterChoiceOfC(seed);
    for (const name of dropped.split(" ")) world.given(dropResource, name, "p");
    assertEquals(world.current("p"), current, `${seed} without ${dropped}`);
    assertEquals(world.consume("p", "bob", "cyd", "dan"), next, `${seed} without ${dropped}`);
  }
}

Deno.test("weighted prefers the lowest load; ties go to the list's order", () => {
  const world = new World({ p: { a: 2, b: 4 } }, { seed: "weighted" });
  assertEquals(world.consume("p", ...MANY), "a, b, b, a, b, b, no room");
});

Deno.test("minimal prefers the lowest use; ties go to the list's order", () => {
  const world = new World({ p: { a: 1, b: 3, c: 2 } }, { seed: "minimal" });
  assertEquals(world.consume("p", ...MANY), "a, b, c, b, c, b, no room");
});

Deno.test("serial stays on its choice while it is open, then goes on in a circle", () => {
  const world = new World({ p: { a: 2, b: 2, c: 1 } }, { seed: "serial" });
  assertEquals(world.consume("p", "ada", "bob", "cyd"), "a, a, b");
  world.given(releaseResource, "p", "ada");
  assertEquals(world.consume("p", "dan", "eve", "fay", "gus"), "b, c, a, no room");
});

Deno.test("parallel takes the open ones in turn, in a circle", () => {
  const world = new World({ p: { a: 2, b: 1, c: 3 } }, { seed: "parallel" });
  assertEquals(world.consume("p", ...MANY), "a, b, c, a, c, c, no room");
});

Deno.test("parallel goes on behind its last choice, also when one before it has opened", () => {
  const world = new World({ p: { a: 1, b: 1, c: 1 } }, { seed: "parallel" });
  assertEquals(world.consume("p", "ada", "bob"), "a, b");
  world.given(releaseResource, "p", "ada");
  assertEquals(world.consume("p", "cyd", "dan"), "c, a");
});

Deno.test("all methods begin with the first, and see open resources only", () => {
  for (const seed of SEEDS) {
    const world = new World({ p: { a: 9, b: 9, c: 9, d: 9, e: 9, f: 9 } }, { seed });
    assertEquals(world.current("p"), 0);
    world.given(setFrozen, "a", "p", true).lock("p", "b");
    world.given(setUsed, "c", 9, "p").given(setUsed, "d", 10, "p").given(setRatio, "e", 1, "p");
    assertEquals([world.consume("p", "ada"), world.current("p")], ["f", 5], seed);
    world.given(setUsed, "f", 9, "p");
    assertEquals(world.consume("p", "bob"), "no room", seed);
  }
});

Deno.test("loads and uses are the effective ones", () => {
  const cases: [Seed, give: (world: World) => World, chosen: string][] = [
    ["weighted", (world) => world, "a, b, c, a"],
    ["weighted", (world) => world.given(setUsed, "a", 1, "p"), "b, c, a, b"],
    ["minimal", (world) => world.given(setUsed, "a", 2, "p"), "b, c, b, c"],
    ["weighted", (world) => world.given(setRatio, "c", 50_000, "p"), "a, b, c, c"],
    ["weighted", (world) => world.given(setRatio, "a", 1_000, "p"), "a, b, c, b"],
    ["weighted", (world) => world.given(setResource, "b", 40, "p"), "a, b, c, b"],
    ["minimal", (world) => world.given(setResource, "b", 40, "p"), "a, b, c, a"],
  ];
  for (const [index, [seed, give, chosen]] of cases.entries()) {
    const world = give(new World({ p: { a: 10, b: 10, c: 10 } }, { seed }));
    assertEquals(world.consume("p", "ada", "bob", "cyd", "dan"), chosen, `case ${index}`);
  }
});

Deno.test("an offset below the sessions counts as none used", () => {
  const world = new World({ p: { a: 3, b: 3 } }, { seed: "serial" });
  assertEquals(world.consume("p", "ada", "bob"), "a, a");
  world.given(setUsed, "a", 0, "p").given(releaseResource, "p", "ada").given(setSeed, "minimal");
  assertEquals(world.consume("p", "cyd", "dan"), "a, a");
});

Deno.test("a choice is a new session: neither renewing nor a refusal is one", () => {
  const world = new World({ p: { a: 1, b: 1, c: 1 } }, { seed: "parallel" });
  assertEquals(world.consume("p", "ada", "bob", "ada"), "a, b, a");
  assertEquals(world.current("p"), 1);
  assertEquals(world.consume("p", "cyd", "dan"), "c, no room");
  world.given(releaseResource, "p", "ada").given(releaseResource, "p", "bob");
  assertEquals(world.consume("p", "eve"), "a");
});

Deno.test("none open: nothing is chosen and the last choice stays", () => {
  for (const seed of SEEDS) {
    const world = new World({ p: { a: 1, b: 1 }, q: {} }, { seed });
    world.consume("p", "ada", "bob");
    assertEquals(world.ask(() => choose(world.pool("p"))), "nothing", seed);
    assertEquals(world.ask(() => choose(world.pool("q"))), "nothing", seed);
  }
});

Deno.test("every method remembers its choice for the next method", () => {
  const cases: [before: Seed, after: Seed, chosen: string][] = [
    ["weighted", "parallel", "c"],
    ["weighted", "serial", "b"],
    ["minimal", "parallel", "c"],
    ["minimal", "serial", "b"],
    ["parallel", "serial", "b"],
    ["serial", "weighted", "b"],
    ["parallel", "minimal", "c"],
  ];
  for (const [before, after, chosen] of cases) {
    const world = new World({ p: { a: 9, b: 9, c: 9 } }, { seed: before });
    world.consume("p", "ada", "bob");
    world.given(setSeed, after, "p");
    assertEquals(world.consume("p", "cyd"), chosen, `${before}, then ${after}`);
  }
});

Deno.test("current follows its resource when others are dropped", () => {
  checkDrops([
    ["parallel", "a", 1, "d, b, c"],
    ["serial", "a", 1, "c, c, d"],
    ["parallel", "d", 2, "a, b, c"],
    ["serial", "d", 2, "c, c, a"],
    ["parallel", "a b", 0, "d, c, d"],
    ["serial", "a b", 0, "c, c, d"],
    ["serial", "a b d", 0, "c, c, no room"],
  ]);
});

Deno.test("when the current one is dropped, the next choice starts where it stood", () => {
  checkDrops([
    ["parallel", "c", 1, "d, a, b"],
    ["serial", "c", 1, "d, d, d"],
    ["parallel", "c a", 0, "d, b, d"],
    ["serial", "c a", 0, "d, d, d"],
    ["parallel", "c b", 0, "d, a, d"],
    ["serial", "c b", 0, "d, d, d"],
    ["parallel", "a c", 0, "d, b, d"],
    ["serial", "a c", 0, "d, d, d"],
    ["parallel", "c b a", 0, "d, d, d"],
    ["serial", "c b a", 0, "d, d, d"],
    ["parallel", "c d", 1, "a, b, a"],
    ["serial", "c d", 1, "a, a, a"],
    ["parallel", "c d b", 0, "a, a, a"],
    ["serial", "c d b", 0, "a, a, a"],
  ]);
});

Deno.test("a resource made where the current one was the last is next", () => {
  for (const seed of ["parallel", "serial"] as const) {
    const world = afterChoiceOfC(seed).given(dropResource, "d", "p").given(dropResource, "c", "p");
    assertEquals(world.given(setResource, "e", 3, "p").consume("p", "bob"), "e", seed);
  }
});

Deno.test("the first one dropped after its choice leaves the next choice at the beginning", () => {
  for (const seed of ["parallel", "serial"] as const) {
    const world = new World({ p: { a: 9, b: 9, c: 9 } }, { seed });
    assertEquals(world.consume("p", "ada"), "a");
    world.given(dropResource, "a", "p");
    assertEquals([world.current("p"), world.consume("p", "bob")], [0, "b"], seed);
  }
});
