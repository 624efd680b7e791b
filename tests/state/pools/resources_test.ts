/** Creating, changing and dropping resources: set-resource and drop-resource of section 2.2. */
import { takeMaster } from "../../../lib/state/pools/master.ts";
import { resourcesOf } from "../../../lib/state/pools/lookup.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { isRefusal } from "../../../lib/state/pools/model.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { PoolFixture, usedFixture } from "../../support/pools.ts";

/** Returns resource c in p and q, coupled or not, and a in p. */
function newFixture(...coupled: string[]): PoolFixture {
  return new PoolFixture({ p: { a: 2, c: 5 }, q: { c: 5 }, r: {} }, { seed: "serial", coupled });
}

Deno.test("resourcesOf() finds a resource in one pool, or in all pools that have it", () => {
  const { pools } = newFixture();
  const found = (name: string, pool?: string) => {
    const outcome = resourcesOf(pools, name, pool);
    assert(!isRefusal(outcome));
    return [...outcome].map(({ name, pool }) => `${pool.name}/${name}`).join(" ");
  };
  assertEquals([found("c"), found("c", "q"), found("a")], ["p/c q/c", "q/c", "p/a"]);
});

Deno.test("setResource() creates or changes a resource, in one pool or in every pool", () => {
  const cases: [name: string, pool: string | undefined, p: string, q: string, r: string][] = [
    ["a", "p", "a=0/7 c=0/5", "c=0/5", ""],
    ["a", "q", "a=0/2 c=0/5", "c=0/5 a=0/7", ""],
    ["a", undefined, "a=0/7 c=0/5", "c=0/5 a=0/7", "a=0/7"],
    ["c", "q", "a=0/2 c=0/5", "c=0/7", ""],
    ["c", "r", "a=0/2 c=0/5", "c=0/5", "c=0/7"],
    ["c", undefined, "a=0/2 c=0/7", "c=0/7", "c=0/7"],
    ["d", "p", "a=0/2 c=0/5 d=0/7", "c=0/5", ""],
    ["d", undefined, "a=0/2 c=0/5 d=0/7", "c=0/5 d=0/7", "d=0/7"],
  ];
  for (const [name, pool, ...uses] of cases) {
    const fixture = newFixture();
    assertEquals(fixture.attempt(setResource, name, 7, pool), "dirty", `${name} ${pool}`);
    assertEquals(
      [fixture.uses("p"), fixture.uses("q"), fixture.uses("r")],
      uses,
      `${name} ${pool}`,
    );
    assertEquals(fixture.attempt(setResource, name, 7, pool), "nothing", `${name} ${pool}`);
  }
});

Deno.test("setResource() changes a coupled resource in all pools, and creates it in one", () => {
  const cases: [pool: string | undefined, p: string, q: string, r: string][] = [
    ["p", "a=0/2 c=1/7", "c=1/7", ""],
    ["q", "a=0/2 c=1/7", "c=1/7", ""],
    ["r", "a=0/2 c=1/7", "c=1/7", "c=1/7"],
    [undefined, "a=0/2 c=1/7", "c=1/7", "c=1/7"],
  ];
  for (const [pool, ...uses] of cases) {
    const fixture = newFixture("c");
    fixture.consume("q", "ada");
    assertEquals(fixture.attempt(setResource, "c", 7, pool), "dirty", pool);
    assertEquals([fixture.uses("p"), fixture.uses("q"), fixture.uses("r")], uses, pool);
    assertEquals(fixture.attempt(setResource, "c", 7, pool), "nothing", pool);
  }
});

Deno.test("setResource() makes the table dirty when it only creates a coupled resource", () => {
  const fixture = newFixture("c");
  assertEquals([fixture.attempt(setResource, "c", 5, "r"), fixture.uses("r")], ["dirty", "c=0/5"]);
});

Deno.test("setResource() creates a resource as coupled if its name is coupled already", () => {
  for (const pool of [undefined, "p"]) {
    const fixture = newFixture("new");
    fixture.apply(setResource, "new", 4, pool).apply(setResource, "new", 3, "r");
    fixture.apply(setFrozen, "a", "p", true).apply(setFrozen, "c", "p", true);
    assertEquals(fixture.consume("p", "ada"), "new");
    assertEquals(fixture.uses("r"), "new=1/3");
  }
});

Deno.test("setResource() with a quantity of 0 or less changes nothing", () => {
  for (const quantity of [0, -1, -2_147_483_647]) {
    for (const name of ["a", "c", "d"]) {
      const fixture = newFixture("c");
      assertEquals(fixture.attempt(setResource, name, quantity), "nothing", `${name} ${quantity}`);
      assertEquals(
        fixture.attempt(setResource, name, quantity, "p"),
        "nothing",
        `${name} ${quantity}`,
      );
      assertEquals(fixture.attempt(setResource, name, quantity, "x"), "no pool x");
    }
  }
});

Deno.test("setResource() without any pool does nothing", () => {
  assertEquals(new PoolFixture().attempt(setResource, "a", 7), "nothing");
});

Deno.test("setResource() with a quantity below the use ends no session, but closes", () => {
  const fixture = new PoolFixture({ p: { a: 3 } });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd", "dan"), "a, a, a, no room");
  fixture.apply(setResource, "a", 1, "p");
  assertEquals([fixture.uses("p"), fixture.sessions("p")], ["a=3/1", "ada@a bob@a cyd@a"]);
  fixture.apply(setResource, "a", 4, "p");
  assertEquals(fixture.consume("p", "dan", "eve"), "a, no room");
});

Deno.test("setResource() keeps ratio, offset and flags", () => {
  const fixture = new PoolFixture({ p: { a: 10 } }).apply(setRatio, "a", 15_000).apply(
    setUsed,
    "a",
    3,
  );
  fixture.apply(setFrozen, "a", "p", true).lock("p", "a").apply(setResource, "a", 20);
  assertEquals([fixture.uses("p"), fixture.flags("p")], ["a=3/30", "a frozen,locked"]);
  assertEquals(fixture.budget("p", "a"), { given: 20, ratio: 15_000, counted: 0, offset: 3 });
});

Deno.test("the resources of a pool are in the order of their creation", () => {
  const fixture = new PoolFixture({ p: { z: 1, m: 1 } }, { seed: "parallel" });
  fixture.apply(setResource, "a", 1).apply(setResource, "z", 9).apply(setResource, "b", 1, "p");
  assertEquals(fixture.names("p"), "z m a b");
  fixture.apply(dropResource, "m").apply(setResource, "m", 1);
  assertEquals(fixture.names("p"), "z a b m");
  assertEquals(fixture.consume("p", "ada", "bob", "cyd", "dan"), "z, a, b, m");
});

Deno.test("dropResource() ends the sessions, in one pool or in all that have the resource", () => {
  const cases: [name: string, pool: string | undefined, p: string, q: string][] = [
    ["a", "p", "bob@c", "eve@c"],
    ["a", undefined, "bob@c", "eve@c"],
    ["c", "p", "ada@a", "eve@c"],
    ["c", "q", "ada@a bob@c", ""],
    ["c", undefined, "ada@a", ""],
  ];
  for (const coupled of [[], ["c"]]) {
    for (const [name, pool, ...holders] of cases) {
      const fixture = newFixture(...coupled).apply(setFrozen, "c", "p", true);
      fixture.consume("p", "ada");
      fixture.apply(setFrozen, "c", "p", false).apply(setFrozen, "a", "p", true);
      fixture.consume("p", "bob");
      fixture.consume("q", "eve");
      assertEquals(fixture.attempt(dropResource, name, pool), "dirty", `${name} ${pool}`);
      assertEquals([fixture.sessions("p"), fixture.sessions("q")], holders, `${name} ${pool}`);
      assertEquals(fixture.attempt(dropResource, name, pool), `no resource ${name}`);
    }
  }
});

Deno.test("a consumer whose resource was dropped counts as new", () => {
  const fixture = new PoolFixture({ p: { a: 9, b: 9 } }, { seed: "parallel" });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd"), "a, b, a");
  fixture.apply(dropResource, "a", "p");
  assertEquals(fixture.consume("p", "ada", "bob", "cyd"), "b, b, b");
});

Deno.test("dropResource() of a coupled resource makes room in the other pools", () => {
  const fixture = new PoolFixture({ p: { c: 2 }, q: { c: 2 } }, { coupled: ["c"] });
  assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "bob", "cyd")], [
    "c",
    "c, no room",
  ]);
  fixture.apply(dropResource, "c", "p");
  assertEquals([fixture.consume("q", "cyd"), fixture.uses("q")], ["c", "c=2/2"]);
});

Deno.test("dropResource() in the last pool of a coupled name ends the coupling", () => {
  const fixture = newFixture("c").apply(setRatio, "c", 20_000).apply(setUsed, "c", 1);
  fixture.apply(dropResource, "c", "q").apply(setResource, "c", 6, "q");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["a=0/2 c=1/12", "c=1/12"]);
  fixture.apply(dropResource, "c").apply(setResource, "c", 1, "p").apply(setResource, "c", 2, "q");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["a=0/2 c=0/1", "c=0/2"]);
});

Deno.test("a resource created under a dropped name has no old values", () => {
  const fixture = newFixture().apply(takeMaster, 1).lock("p", "a").apply(setFrozen, "a", "p", true);
  fixture.apply(setUsed, "a", 2).apply(setRatio, "a", 20_000).apply(dropResource, "a");
  fixture.apply(setResource, "a", 2, "p");
  assertEquals([fixture.uses("p"), fixture.flags("p")], ["c=0/5 a=0/2", ""]);
});

Deno.test("dropResource() works at every position of the list", () => {
  const names = ["a", "b", "c", "d", "e"];
  for (const dropped of names) {
    const fixture = new PoolFixture({ p: { a: 1, b: 1, c: 1, d: 1, e: 1 } }, { mode: "queued" });
    fixture.consume("p", ...names);
    fixture.apply(dropResource, dropped);
    const left = names.filter((name) => name !== dropped);
    assertEquals(fixture.names("p"), left.join(" "));
    assertEquals(fixture.consume("p", "1", "2", "3", "4", "5"), [...left, left[0]].join(", "));
  }
});

Deno.test("a refused setResource() or dropResource() changes nothing", () => {
  const fixture = usedFixture();
  assertEquals(fixture.attempt(setResource, "a", 7, "x"), "no pool x");
  assertEquals(fixture.attempt(dropResource, "a", "x"), "no pool x");
  assertEquals(fixture.attempt(dropResource, "x", "p"), "no resource x");
  assertEquals(fixture.attempt(dropResource, "a", "q"), "no resource a");
  assertEquals(fixture.attempt(dropResource, "x"), "no resource x");
  assertEquals(new PoolFixture().attempt(dropResource, "a"), "no resource a");
});
