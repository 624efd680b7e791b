/** The order in which each seed method chooses open resources for new sessions. */
import { type Seed, SEEDS } from "../../../lib/state/pools/model.ts";
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { chooseResource } from "../../../lib/state/pools/seeds.ts";
import { setSeed } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { PoolFixture } from "../../support/pools.ts";

const MANY = ["ada", "bob", "cyd", "dan", "eve", "fay", "gus"];

/** Returns a pool with room for three on each of a, b, c, d, where c was chosen last. */
function afterChoiceOfC(seed: Seed): PoolFixture {
  const fixture = new PoolFixture({ p: { a: 3, b: 3, c: 3, d: 3 } }, { seed });
  for (const name of ["a", "b"]) fixture.apply(setFrozen, name, "p", true);
  assertEquals([fixture.consume("p", "ada"), fixture.current("p")], ["c", 2]);
  for (const name of ["a", "b"]) fixture.apply(setFrozen, name, "p", false);
  return fixture;
}

/** Drops resources after the choice of c; checks the printed current and the next three choices. */
function checkDrops(cases: [seed: Seed, dropped: string, current: number, next: string][]): void {
  for (const [seed, dropped, current, next] of cases) {
    const fixture = afterChoiceOfC(seed);
    for (const name of dropped.split(" ")) fixture.apply(dropResource, name, "p");
    assertEquals(fixture.current("p"), current, `${seed} without ${dropped}`);
    assertEquals(fixture.consume("p", "bob", "cyd", "dan"), next, `${seed} without ${dropped}`);
  }
}

Deno.test("weighted picks the lowest load, and the first of equals", () => {
  const fixture = new PoolFixture({ p: { a: 2, b: 4 } }, { seed: "weighted" });
  assertEquals(fixture.consume("p", ...MANY), "a, b, b, a, b, b, no room");
});

Deno.test("minimal picks the lowest use, and the first of equals", () => {
  const fixture = new PoolFixture({ p: { a: 1, b: 3, c: 2 } }, { seed: "minimal" });
  assertEquals(fixture.consume("p", ...MANY), "a, b, c, b, c, b, no room");
});

Deno.test("serial keeps its choice while it is open, then picks the next cyclically", () => {
  const fixture = new PoolFixture({ p: { a: 2, b: 2, c: 1 } }, { seed: "serial" });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd"), "a, a, b");
  fixture.apply(releaseResource, "p", "ada");
  assertEquals(fixture.consume("p", "dan", "eve", "fay", "gus"), "b, c, a, no room");
});

Deno.test("parallel picks the open resources in turn, cyclically", () => {
  const fixture = new PoolFixture({ p: { a: 2, b: 1, c: 3 } }, { seed: "parallel" });
  assertEquals(fixture.consume("p", ...MANY), "a, b, c, a, c, c, no room");
});

Deno.test("parallel continues after its last choice, even if an earlier one has opened", () => {
  const fixture = new PoolFixture({ p: { a: 1, b: 1, c: 1 } }, { seed: "parallel" });
  assertEquals(fixture.consume("p", "ada", "bob"), "a, b");
  fixture.apply(releaseResource, "p", "ada");
  assertEquals(fixture.consume("p", "cyd", "dan"), "c, a");
});

Deno.test("all methods start with the first resource, and pick open resources only", () => {
  for (const seed of SEEDS) {
    const fixture = new PoolFixture({ p: { a: 9, b: 9, c: 9, d: 9, e: 9, f: 9 } }, { seed });
    assertEquals(fixture.current("p"), 0);
    fixture.apply(setFrozen, "a", "p", true).lock("p", "b");
    fixture.apply(setUsed, "c", 9, "p").apply(setUsed, "d", 10, "p").apply(setRatio, "e", 1, "p");
    assertEquals([fixture.consume("p", "ada"), fixture.current("p")], ["f", 5], seed);
    fixture.apply(setUsed, "f", 9, "p");
    assertEquals(fixture.consume("p", "bob"), "no room", seed);
  }
});

Deno.test("weighted and minimal compare effective numbers", () => {
  const cases: [Seed, give: (fixture: PoolFixture) => PoolFixture, chosen: string][] = [
    ["weighted", (fixture) => fixture, "a, b, c, a"],
    ["weighted", (fixture) => fixture.apply(setUsed, "a", 1, "p"), "b, c, a, b"],
    ["minimal", (fixture) => fixture.apply(setUsed, "a", 2, "p"), "b, c, b, c"],
    ["weighted", (fixture) => fixture.apply(setRatio, "c", 50_000, "p"), "a, b, c, c"],
    ["weighted", (fixture) => fixture.apply(setRatio, "a", 1_000, "p"), "a, b, c, b"],
    ["weighted", (fixture) => fixture.apply(setResource, "b", 40, "p"), "a, b, c, b"],
    ["minimal", (fixture) => fixture.apply(setResource, "b", 40, "p"), "a, b, c, a"],
  ];
  for (const [index, [seed, give, chosen]] of cases.entries()) {
    const fixture = give(new PoolFixture({ p: { a: 10, b: 10, c: 10 } }, { seed }));
    assertEquals(fixture.consume("p", "ada", "bob", "cyd", "dan"), chosen, `case ${index}`);
  }
});

Deno.test("a negative effective use counts as 0", () => {
  const fixture = new PoolFixture({ p: { a: 3, b: 3 } }, { seed: "serial" });
  assertEquals(fixture.consume("p", "ada", "bob"), "a, a");
  fixture.apply(setUsed, "a", 0, "p").apply(releaseResource, "p", "ada").apply(setSeed, "minimal");
  assertEquals(fixture.consume("p", "cyd", "dan"), "a, a");
});

Deno.test("only a new session is a choice, not a renewal or a refusal", () => {
  const fixture = new PoolFixture({ p: { a: 1, b: 1, c: 1 } }, { seed: "parallel" });
  assertEquals(fixture.consume("p", "ada", "bob", "ada"), "a, b, a");
  assertEquals(fixture.current("p"), 1);
  assertEquals(fixture.consume("p", "cyd", "dan"), "c, no room");
  fixture.apply(releaseResource, "p", "ada").apply(releaseResource, "p", "bob");
  assertEquals(fixture.consume("p", "eve"), "a");
});

Deno.test("chooseResource() keeps the last choice if no resource is open", () => {
  for (const seed of SEEDS) {
    const fixture = new PoolFixture({ p: { a: 1, b: 1 }, q: {} }, { seed });
    fixture.consume("p", "ada", "bob");
    assertEquals(fixture.attempt(() => chooseResource(fixture.pool("p"))), "nothing", seed);
    assertEquals(fixture.attempt(() => chooseResource(fixture.pool("q"))), "nothing", seed);
  }
});

Deno.test("a new method continues from the last choice of the previous one", () => {
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
    const fixture = new PoolFixture({ p: { a: 9, b: 9, c: 9 } }, { seed: before });
    fixture.consume("p", "ada", "bob");
    fixture.apply(setSeed, after, "p");
    assertEquals(fixture.consume("p", "cyd"), chosen, `${before}, then ${after}`);
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

Deno.test("the next choice starts at the position of a current resource that was dropped", () => {
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

Deno.test("a resource created at the position of a dropped current resource is next", () => {
  for (const seed of ["parallel", "serial"] as const) {
    const fixture = afterChoiceOfC(seed).apply(dropResource, "d", "p").apply(
      dropResource,
      "c",
      "p",
    );
    assertEquals(fixture.apply(setResource, "e", 3, "p").consume("p", "bob"), "e", seed);
  }
});

Deno.test("the next choice is the new first resource when the first was current and is dropped", () => {
  for (const seed of ["parallel", "serial"] as const) {
    const fixture = new PoolFixture({ p: { a: 9, b: 9, c: 9 } }, { seed });
    assertEquals(fixture.consume("p", "ada"), "a");
    fixture.apply(dropResource, "a", "p");
    assertEquals([fixture.current("p"), fixture.consume("p", "bob")], [0, "b"], seed);
  }
});
