/** Shared and coupled resources: couple and decouple of section 2.2. */
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import { couple, decouple } from "../../../lib/state/pools/coupling.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

type Numbers = [given: number, ratio: number, counted: number, offset: number];

/** Pools p and q that share nothing, with such a budget for r in each. */
function worldOf(p: Numbers, q: Numbers): World {
  const world = new World({ p: { r: 99 }, q: { r: 99 } });
  for (const [pool, [given, ratio, counted, offset]] of [["p", p], ["q", q]] as const) {
    for (let i = 0; i < counted; i++) world.consume(pool, `${i}`);
    world.given(setUsed, "r", counted + offset, pool);
    world.given(setResource, "r", given, pool).given(setRatio, "r", ratio, pool);
  }
  return world;
}

function numbers(world: World, pool: string): Numbers {
  const { given, ratio, counted, offset } = world.budget(pool, "r");
  return [given, ratio, counted, offset];
}

/** Of two budgets, the common one with its use, and what each pool has when it is given up. */
const CASES: [p: Numbers, q: Numbers, common: Numbers, use: string, p: Numbers, q: Numbers][] = [
  [
    [3, 10_000, 0, 0],
    [5, 10_000, 0, 0],
    [5, 10_000, 0, 0],
    "r=0/5",
    [5, 10_000, 0, 0],
    [5, 10_000, 0, 0],
  ],
  [
    [5, 15_000, 1, 2],
    [3, 12_000, 2, -1],
    [5, 15_000, 3, 1],
    "r=4/7",
    [5, 15_000, 1, 1],
    [5, 15_000, 2, 0],
  ],
  [
    [9, 5_000, 4, 0],
    [1, 20_000, 3, 5],
    [9, 20_000, 7, 5],
    "r=12/18",
    [9, 20_000, 4, 5],
    [9, 20_000, 3, 0],
  ],
  [
    [1, 5_000, 2, -2],
    [3, 2_500, 1, -1],
    [3, 5_000, 3, -3],
    "r=0/1",
    [3, 5_000, 2, -3],
    [3, 5_000, 1, 0],
  ],
];

Deno.test("couple takes the largest quantity and ratio, and the sum of all use", () => {
  for (const [p, q, common, use] of CASES) {
    const world = worldOf(p, q);
    assertEquals(world.ask(couple, "r"), "dirty", use);
    assertEquals([numbers(world, "p"), numbers(world, "q")], [common, common], use);
    assertEquals([world.uses("p"), world.uses("q")], [use, use]);
  }
});

Deno.test("decouple leaves today's values in each pool, the offset in the first", () => {
  for (const [p, q, , use, pAfter, qAfter] of CASES) {
    const world = worldOf(p, q).given(couple, "r");
    assertEquals(world.ask(decouple, "r"), "dirty", use);
    assertEquals([numbers(world, "p"), numbers(world, "q")], [pAfter, qAfter], use);
  }
});

Deno.test("the first pool is the first in the list, whoever has had the resource first", () => {
  const world = new World({ p: {}, q: { r: 4 }, s: { r: 4 } }, { coupled: ["r"] });
  world.given(setResource, "r", 4, "p").given(setUsed, "r", 3).given(decouple, "r");
  assertEquals([world.uses("p"), world.uses("q"), world.uses("s")], ["r=3/4", "r=0/4", "r=0/4"]);
  world.given(couple, "r").given(dropResource, "r", "p").given(decouple, "r");
  assertEquals([world.uses("q"), world.uses("s")], ["r=3/4", "r=0/4"]);
});

Deno.test("to couple what is coupled, and to decouple what is shared, is right and does nothing", () => {
  const world = new World({ p: { r: 3, a: 1 }, q: { r: 5 } });
  world.consume("p", "ada");
  assertEquals([world.ask(decouple, "r"), world.ask(decouple, "a")], ["nothing", "nothing"]);
  world.given(couple, "r").given(couple, "a");
  assertEquals([world.ask(couple, "r"), world.ask(couple, "a")], ["nothing", "nothing"]);
});

Deno.test("sessions of one pool fill a coupled resource for all, and their end opens it", () => {
  const world = new World({ p: { r: 2 }, q: { r: 1 } }).given(couple, "r");
  assertEquals([world.consume("p", "ada"), world.consume("q", "ada")], ["r", "r"]);
  assertEquals([world.consume("p", "bob"), world.consume("q", "bob")], ["no room", "no room"]);
  world.given(releaseResource, "p", "ada");
  assertEquals([world.consume("q", "bob"), world.consume("p", "bob")], ["r", "no room"]);
  assertEquals([world.holders("p"), world.holders("q")], ["", "ada@r bob@r"]);
});

Deno.test("sessions of before count at once: too many close, and a budget of one's own opens", () => {
  const world = new World({ p: { r: 1 }, q: { r: 1 } });
  assertEquals([world.consume("p", "ada"), world.consume("q", "ada")], ["r", "r"]);
  world.given(couple, "r").given(releaseResource, "q", "ada");
  assertEquals([world.uses("q"), world.consume("q", "bob")], ["r=1/1", "no room"]);
  world.given(decouple, "r");
  assertEquals([world.uses("p"), world.uses("q"), world.consume("q", "bob")], [
    "r=1/1",
    "r=0/1",
    "r",
  ]);
});

Deno.test("the seed methods see what other pools use", () => {
  for (
    const [seed, told] of [["weighted", "b, b, b, b, r"], ["minimal", "b, b, r, b, r"]] as const
  ) {
    const world = new World({ p: { r: 4, b: 8 }, q: { r: 4 } }, { seed, coupled: ["r"] });
    world.consume("q", "ada", "bob");
    assertEquals(world.consume("p", "ada", "bob", "cyd", "dan", "eve"), told, seed);
  }
});

Deno.test("offset and ratio are common, whichever pool is named", () => {
  for (const pool of ["p", "q", undefined]) {
    const world = new World({ p: { r: 4 }, q: { r: 4 } }, { coupled: ["r"] });
    world.consume("p", "ada");
    world.consume("q", "ada");
    world.given(setUsed, "r", 3, pool).given(setRatio, "r", 20_000, pool);
    assertEquals([numbers(world, "p"), numbers(world, "q")], [[4, 20_000, 2, 1], [
      4,
      20_000,
      2,
      1,
    ]]);
    assertEquals(world.uses("q"), "r=3/8");
  }
});

Deno.test("flags stay each pool's own", () => {
  const world = new World({ p: { r: 4 }, q: { r: 4 } }).given(setFrozen, "r", "p", true);
  world.lock("q", "r").given(couple, "r");
  assertEquals([world.flags("p"), world.flags("q")], ["r frozen", "r locked"]);
  world.given(setFrozen, "r", "p", false);
  assertEquals([world.consume("p", "ada"), world.consume("q", "ada")], ["r", "no room"]);
  world.given(decouple, "r");
  assertEquals([world.flags("p"), world.flags("q")], ["", "r locked"]);
});

Deno.test("after decouple, each pool is set and used by itself", () => {
  const world = new World({ p: { r: 2 }, q: { r: 2 } }, { coupled: ["r"] }).given(decouple, "r");
  world.given(setResource, "r", 9, "p").given(setRatio, "r", 20_000, "q").given(
    setUsed,
    "r",
    1,
    "q",
  );
  world.consume("p", "ada");
  assertEquals([world.uses("p"), world.uses("q")], ["r=1/9", "r=1/4"]);
});

Deno.test("a resource of one pool can be coupled; others that come share it", () => {
  const world = new World({ p: { r: 2 }, q: {} }).given(couple, "r");
  world.given(setResource, "r", 3, "q");
  world.consume("p", "ada");
  assertEquals([world.uses("p"), world.uses("q")], ["r=1/3", "r=1/3"]);
});

Deno.test("what is refused changes nothing", () => {
  const world = busyWorld();
  assertEquals([world.ask(couple, "x"), world.ask(decouple, "x")], [
    "no resource x",
    "no resource x",
  ]);
  const coupled = new World({ p: {} }, { coupled: ["r"] });
  assertEquals([coupled.ask(couple, "r"), coupled.ask(decouple, "r")], [
    "no resource r",
    "no resource r",
  ]);
});
