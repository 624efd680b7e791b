/** Adjusting resources in use: freeze and unfreeze of section 2.2, and section 2.3. */
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { assertEquals } from "../../support/assert.ts";
import { PoolFixture, usedFixture } from "../../support/pools.ts";

/** Returns a in p and q, and b in p; ada and bob have a session on a in p, ada in q too. */
function newFixture(): PoolFixture {
  const fixture = new PoolFixture({ p: { a: 4, b: 4 }, q: { a: 4 } }, { seed: "serial" });
  assertEquals([fixture.consume("p", "ada", "bob"), fixture.consume("q", "ada")], ["a, a", "a"]);
  return fixture;
}

Deno.test("setFrozen() closes a resource of one pool to new sessions, and opens it", () => {
  const fixture = newFixture();
  assertEquals(fixture.attempt(setFrozen, "a", "p", true), "changed");
  assertEquals([fixture.flags("p"), fixture.flags("q")], ["a frozen", ""]);
  assertEquals(fixture.sessions("p"), "ada@a bob@a");
  assertEquals([fixture.consume("p", "ada", "cyd"), fixture.consume("q", "cyd")], ["a, b", "a"]);
  assertEquals(fixture.attempt(setFrozen, "a", "p", false), "changed");
  fixture.apply(setFrozen, "b", "p", true);
  assertEquals(fixture.consume("p", "dan"), "a");
});

Deno.test("setFrozen() does nothing when repeated", () => {
  const fixture = newFixture();
  assertEquals(fixture.attempt(setFrozen, "a", "p", false), "nothing");
  fixture.apply(setFrozen, "a", "p", true);
  assertEquals(fixture.attempt(setFrozen, "a", "p", true), "nothing");
});

Deno.test("setUsed() stores an offset, so that the effective use is the given number", () => {
  const cases: [number, offset: number, use: string][] = [
    [0, -2, "a=0/4 b=0/4"],
    [1, -1, "a=1/4 b=0/4"],
    [2, 0, "a=2/4 b=0/4"],
    [3, 1, "a=3/4 b=0/4"],
    [9, 7, "a=9/4 b=0/4"],
    [2_147_483_647, 2_147_483_645, "a=2147483647/4 b=0/4"],
  ];
  for (const [number, offset, use] of cases) {
    const fixture = newFixture();
    assertEquals(fixture.attempt(setUsed, "a", number, "p"), number === 2 ? "nothing" : "changed");
    assertEquals([fixture.budget("p", "a").counted, fixture.budget("p", "a").offset], [2, offset]);
    assertEquals([fixture.uses("p"), fixture.uses("q")], [use, "a=1/4"]);
    assertEquals(fixture.attempt(setUsed, "a", number, "p"), "nothing", "repeated");
  }
});

Deno.test("the effective use follows later sessions, but is never below 0", () => {
  const cases: [number, oneMore: string, oneLess: string, noneLeft: string][] = [
    [3, "a=4/4", "a=3/4", "a=1/4"],
    [1, "a=2/4", "a=1/4", "a=0/4"],
    [0, "a=1/4", "a=0/4", "a=0/4"],
  ];
  for (const [number, oneMore, oneLess, noneLeft] of cases) {
    const fixture = new PoolFixture({ p: { a: 4 } });
    fixture.consume("p", "ada", "bob");
    fixture.apply(setUsed, "a", number);
    assertEquals(fixture.consume("p", "cyd"), "a");
    const uses = [fixture.uses("p"), fixture.apply(releaseResource, "p", "cyd").uses("p")];
    uses.push(
      fixture.apply(releaseResource, "p", "bob").apply(releaseResource, "p", "ada").uses("p"),
    );
    assertEquals(uses, [oneMore, oneLess, noneLeft], `${number}`);
  }
});

Deno.test("setUsed() can fill and open a resource", () => {
  const fixture = new PoolFixture({ p: { a: 2 } }).apply(setUsed, "a", 2, "p");
  assertEquals(fixture.consume("p", "ada"), "no room");
  fixture.apply(setUsed, "a", 1, "p");
  assertEquals(fixture.consume("p", "ada", "bob"), "a, no room");
  fixture.apply(setUsed, "a", 0, "p");
  assertEquals(fixture.consume("p", "bob", "cyd", "dan"), "a, a, no room");
});

Deno.test("setRatio() changes the effective quantity, and so can open or fill a resource", () => {
  const fixture = new PoolFixture({ p: { a: 2 } });
  assertEquals(fixture.attempt(setRatio, "a", 5_000, "p"), "changed");
  assertEquals(fixture.attempt(setRatio, "a", 5_000, "p"), "nothing");
  assertEquals(fixture.consume("p", "ada", "bob"), "a, no room");
  fixture.apply(setRatio, "a", 15_000, "p");
  assertEquals(fixture.consume("p", "bob", "cyd", "dan"), "a, a, no room");
  fixture.apply(setRatio, "a", 1, "p");
  assertEquals([fixture.uses("p"), fixture.sessions("p")], ["a=3/0", "ada@a bob@a cyd@a"]);
  fixture.apply(setRatio, "a", 10_000, "p");
  assertEquals([fixture.uses("p"), fixture.consume("p", "dan")], ["a=3/2", "no room"]);
});

Deno.test("a resource with an effective quantity of 0 is never open", () => {
  const fixture = new PoolFixture({ p: { a: 1 } }, { mode: "queued" }).apply(setRatio, "a", 9_999);
  assertEquals([fixture.uses("p"), fixture.consume("p", "ada")], ["a=0/0", "no room"]);
});

Deno.test("setUsed() and setRatio() without a pool apply to all pools with the resource", () => {
  const fixture = newFixture();
  assertEquals(fixture.attempt(setUsed, "a", 3), "changed");
  assertEquals([fixture.budget("p", "a").offset, fixture.budget("q", "a").offset], [1, 2]);
  assertEquals(fixture.attempt(setRatio, "a", 20_000), "changed");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["a=3/8 b=0/4", "a=3/8"]);
  fixture.apply(setUsed, "b", 1).apply(setRatio, "b", 5_000);
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["a=3/8 b=1/2", "a=3/8"]);
});

Deno.test("a refused setFrozen(), setUsed() or setRatio() changes nothing", () => {
  const fixture = usedFixture();
  assertEquals(fixture.attempt(setFrozen, "a", "x", true), "no pool x");
  assertEquals(fixture.attempt(setFrozen, "x", "p", true), "no resource x");
  assertEquals(fixture.attempt(setFrozen, "a", "q", true), "no resource a");
  for (const rule of [setUsed, setRatio]) {
    assertEquals(fixture.attempt(rule, "a", 7, "x"), "no pool x");
    assertEquals(fixture.attempt(rule, "x", 7, "p"), "no resource x");
    assertEquals(fixture.attempt(rule, "a", 7, "q"), "no resource a");
    assertEquals(fixture.attempt(rule, "x", 7), "no resource x");
  }
});
