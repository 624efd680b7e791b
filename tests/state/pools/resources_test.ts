/** Resources come and go: set-resource and drop-resource of section 2.2. */
import { takeMaster } from "../../../lib/state/pools/master.ts";
import { resourcesOf } from "../../../lib/state/pools/lookup.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { isRefused } from "../../../lib/state/pools/model.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

/** Resource c is in p and q, coupled or not; a is in p. */
function someWorld(...coupled: string[]): World {
  return new World({ p: { a: 2, c: 5 }, q: { c: 5 }, r: {} }, { seed: "serial", coupled });
}

Deno.test("a resource is found in one pool, or wherever it exists", () => {
  const { pools } = someWorld();
  const found = (name: string, pool?: string) => {
    const outcome = resourcesOf(pools, name, pool);
    assert(!isRefused(outcome));
    return [...outcome].map(({ name, pool }) => `${pool.name}/${name}`).join(" ");
  };
  assertEquals([found("c"), found("c", "q"), found("a")], ["p/c q/c", "q/c", "p/a"]);
});

Deno.test("set-resource creates or changes a resource, in one pool or in every pool", () => {
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
    const world = someWorld();
    assertEquals(world.ask(setResource, name, 7, pool), "dirty", `${name} ${pool}`);
    assertEquals([world.uses("p"), world.uses("q"), world.uses("r")], uses, `${name} ${pool}`);
    assertEquals(world.ask(setResource, name, 7, pool), "nothing", `${name} ${pool}`);
  }
});

Deno.test("a coupled resource is set wherever it exists, and created where it is named", () => {
  const cases: [pool: string | undefined, p: string, q: string, r: string][] = [
    ["p", "a=0/2 c=1/7", "c=1/7", ""],
    ["q", "a=0/2 c=1/7", "c=1/7", ""],
    ["r", "a=0/2 c=1/7", "c=1/7", "c=1/7"],
    [undefined, "a=0/2 c=1/7", "c=1/7", "c=1/7"],
  ];
  for (const [pool, ...uses] of cases) {
    const world = someWorld("c");
    world.consume("q", "ada");
    assertEquals(world.ask(setResource, "c", 7, pool), "dirty", pool);
    assertEquals([world.uses("p"), world.uses("q"), world.uses("r")], uses, pool);
    assertEquals(world.ask(setResource, "c", 7, pool), "nothing", pool);
  }
});

Deno.test("a coupled resource that is only created in a pool is a change", () => {
  const world = someWorld("c");
  assertEquals([world.ask(setResource, "c", 5, "r"), world.uses("r")], ["dirty", "c=0/5"]);
});

Deno.test("a name that was coupled before any pool had it is coupled from the beginning", () => {
  for (const pool of [undefined, "p"]) {
    const world = someWorld("new");
    world.given(setResource, "new", 4, pool).given(setResource, "new", 3, "r");
    world.given(setFrozen, "a", "p", true).given(setFrozen, "c", "p", true);
    assertEquals(world.consume("p", "ada"), "new");
    assertEquals(world.uses("r"), "new=1/3");
  }
});

Deno.test("a quantity of 0 or less changes nothing", () => {
  for (const quantity of [0, -1, -2_147_483_647]) {
    for (const name of ["a", "c", "d"]) {
      const world = someWorld("c");
      assertEquals(world.ask(setResource, name, quantity), "nothing", `${name} ${quantity}`);
      assertEquals(world.ask(setResource, name, quantity, "p"), "nothing", `${name} ${quantity}`);
      assertEquals(world.ask(setResource, name, quantity, "x"), "no pool x");
    }
  }
});

Deno.test("without pools, set-resource is right and does nothing", () => {
  assertEquals(new World().ask(setResource, "a", 7), "nothing");
});

Deno.test("a quantity below the use ends no session, and closes; a larger one opens", () => {
  const world = new World({ p: { a: 3 } });
  assertEquals(world.consume("p", "ada", "bob", "cyd", "dan"), "a, a, a, no room");
  world.given(setResource, "a", 1, "p");
  assertEquals([world.uses("p"), world.holders("p")], ["a=3/1", "ada@a bob@a cyd@a"]);
  world.given(setResource, "a", 4, "p");
  assertEquals(world.consume("p", "dan", "eve"), "a, no room");
});

Deno.test("set-resource leaves ratio, offset and flags as they are", () => {
  const world = new World({ p: { a: 10 } }).given(setRatio, "a", 15_000).given(setUsed, "a", 3);
  world.given(setFrozen, "a", "p", true).lock("p", "a").given(setResource, "a", 20);
  assertEquals([world.uses("p"), world.flags("p")], ["a=3/30", "a frozen,locked"]);
  assertEquals(world.budget("p", "a"), { given: 20, ratio: 15_000, counted: 0, offset: 3 });
});

Deno.test("resources stand in the order of their creation", () => {
  const world = new World({ p: { z: 1, m: 1 } }, { seed: "parallel" });
  world.given(setResource, "a", 1).given(setResource, "z", 9).given(setResource, "b", 1, "p");
  assertEquals(world.names("p"), "z m a b");
  world.given(dropResource, "m").given(setResource, "m", 1);
  assertEquals(world.names("p"), "z a b m");
  assertEquals(world.consume("p", "ada", "bob", "cyd", "dan"), "z, a, b, m");
});

Deno.test("drop-resource ends the sessions, in one pool or in all that have it", () => {
  const cases: [name: string, pool: string | undefined, p: string, q: string][] = [
    ["a", "p", "bob@c", "eve@c"],
    ["a", undefined, "bob@c", "eve@c"],
    ["c", "p", "ada@a", "eve@c"],
    ["c", "q", "ada@a bob@c", ""],
    ["c", undefined, "ada@a", ""],
  ];
  for (const coupled of [[], ["c"]]) {
    for (const [name, pool, ...holders] of cases) {
      const world = someWorld(...coupled).given(setFrozen, "c", "p", true);
      world.consume("p", "ada");
      world.given(setFrozen, "c", "p", false).given(setFrozen, "a", "p", true);
      world.consume("p", "bob");
      world.consume("q", "eve");
      assertEquals(world.ask(dropResource, name, pool), "dirty", `${name} ${pool}`);
      assertEquals([world.holders("p"), world.holders("q")], holders, `${name} ${pool}`);
      assertEquals(world.ask(dropResource, name, pool), `no resource ${name}`);
    }
  }
});

Deno.test("who held what was dropped is a new consumer", () => {
  const world = new World({ p: { a: 9, b: 9 } }, { seed: "parallel" });
  assertEquals(world.consume("p", "ada", "bob", "cyd"), "a, b, a");
  world.given(dropResource, "a", "p");
  assertEquals(world.consume("p", "ada", "bob", "cyd"), "b, b, b");
});

Deno.test("the sessions of a coupled resource that is dropped from a pool make room", () => {
  const world = new World({ p: { c: 2 }, q: { c: 2 } }, { coupled: ["c"] });
  assertEquals([world.consume("p", "ada"), world.consume("q", "bob", "cyd")], ["c", "c, no room"]);
  world.given(dropResource, "c", "p");
  assertEquals([world.consume("q", "cyd"), world.uses("q")], ["c", "c=2/2"]);
});

Deno.test("when the last pool drops a coupled name, the coupling is forgotten", () => {
  const world = someWorld("c").given(setRatio, "c", 20_000).given(setUsed, "c", 1);
  world.given(dropResource, "c", "q").given(setResource, "c", 6, "q");
  assertEquals([world.uses("p"), world.uses("q")], ["a=0/2 c=1/12", "c=1/12"]);
  world.given(dropResource, "c").given(setResource, "c", 1, "p").given(setResource, "c", 2, "q");
  assertEquals([world.uses("p"), world.uses("q")], ["a=0/2 c=0/1", "c=0/2"]);
});

Deno.test("what comes again under a dropped name is new", () => {
  const world = someWorld().given(takeMaster, 1).lock("p", "a").given(setFrozen, "a", "p", true);
  world.given(setUsed, "a", 2).given(setRatio, "a", 20_000).given(dropResource, "a");
  world.given(setResource, "a", 2, "p");
  assertEquals([world.uses("p"), world.flags("p")], ["c=0/5 a=0/2", ""]);
});

Deno.test("every one of many resources can be dropped, first, last and between", () => {
  const names = ["a", "b", "c", "d", "e"];
  for (const dropped of names) {
    const world = new World({ p: { a: 1, b: 1, c: 1, d: 1, e: 1 } }, { mode: "queued" });
    world.consume("p", ...names);
    world.given(dropResource, dropped);
    const left = names.filter((name) => name !== dropped);
    assertEquals(world.names("p"), left.join(" "));
    assertEquals(world.consume("p", "1", "2", "3", "4", "5"), [...left, left[0]].join(", "));
  }
});

Deno.test("what is refused changes nothing", () => {
  const world = busyWorld();
  assertEquals(world.ask(setResource, "a", 7, "x"), "no pool x");
  assertEquals(world.ask(dropResource, "a", "x"), "no pool x");
  assertEquals(world.ask(dropResource, "x", "p"), "no resource x");
  assertEquals(world.ask(dropResource, "a", "q"), "no resource a");
  assertEquals(world.ask(dropResource, "x"), "no resource x");
  assertEquals(new World().ask(dropResource, "a"), "no resource a");
});
