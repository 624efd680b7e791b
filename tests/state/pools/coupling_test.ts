/** Shared and coupled resources: couple and decouple of section 2.2. */
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import { couple, decouple } from "../../../lib/state/pools/coupling.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { assertEquals } from "../../support/assert.ts";
import { PoolFixture, usedFixture } from "../../support/pools.ts";

type Numbers = [given: number, ratio: number, counted: number, offset: number];

/** Returns pools p and q that share nothing, each with the given budget for r. */
function worldOf(p: Numbers, q: Numbers): PoolFixture {
  const fixture = new PoolFixture({ p: { r: 99 }, q: { r: 99 } });
  for (const [pool, [given, ratio, counted, offset]] of [["p", p], ["q", q]] as const) {
    for (let i = 0; i < counted; i++) fixture.consume(pool, `${i}`);
    fixture.apply(setUsed, "r", counted + offset, pool);
    fixture.apply(setResource, "r", given, pool).apply(setRatio, "r", ratio, pool);
  }
  return fixture;
}

function numbers(fixture: PoolFixture, pool: string): Numbers {
  const { given, ratio, counted, offset } = fixture.budget(pool, "r");
  return [given, ratio, counted, offset];
}

/** Two budgets, the common one with its use, and the budgets after decouple. */
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

Deno.test("couple() takes the largest quantity and ratio, and the sum of all use", () => {
  for (const [p, q, common, use] of CASES) {
    const fixture = worldOf(p, q);
    assertEquals(fixture.attempt(couple, "r"), "dirty", use);
    assertEquals([numbers(fixture, "p"), numbers(fixture, "q")], [common, common], use);
    assertEquals([fixture.uses("p"), fixture.uses("q")], [use, use]);
  }
});

Deno.test("decouple() keeps the current values in each pool, the offset only in the first", () => {
  for (const [p, q, , use, pAfter, qAfter] of CASES) {
    const fixture = worldOf(p, q).apply(couple, "r");
    assertEquals(fixture.attempt(decouple, "r"), "dirty", use);
    assertEquals([numbers(fixture, "p"), numbers(fixture, "q")], [pAfter, qAfter], use);
  }
});

Deno.test("decouple() keeps the offset in the first pool of the list, not of creation", () => {
  const fixture = new PoolFixture({ p: {}, q: { r: 4 }, s: { r: 4 } }, { coupled: ["r"] });
  fixture.apply(setResource, "r", 4, "p").apply(setUsed, "r", 3).apply(decouple, "r");
  assertEquals([fixture.uses("p"), fixture.uses("q"), fixture.uses("s")], [
    "r=3/4",
    "r=0/4",
    "r=0/4",
  ]);
  fixture.apply(couple, "r").apply(dropResource, "r", "p").apply(decouple, "r");
  assertEquals([fixture.uses("q"), fixture.uses("s")], ["r=3/4", "r=0/4"]);
});

Deno.test("couple() and decouple() do nothing when repeated", () => {
  const fixture = new PoolFixture({ p: { r: 3, a: 1 }, q: { r: 5 } });
  fixture.consume("p", "ada");
  assertEquals([fixture.attempt(decouple, "r"), fixture.attempt(decouple, "a")], [
    "nothing",
    "nothing",
  ]);
  fixture.apply(couple, "r").apply(couple, "a");
  assertEquals([fixture.attempt(couple, "r"), fixture.attempt(couple, "a")], [
    "nothing",
    "nothing",
  ]);
});

Deno.test("sessions of one pool fill a coupled resource for all, and their end opens it", () => {
  const fixture = new PoolFixture({ p: { r: 2 }, q: { r: 1 } }).apply(couple, "r");
  assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "ada")], ["r", "r"]);
  assertEquals([fixture.consume("p", "bob"), fixture.consume("q", "bob")], ["no room", "no room"]);
  fixture.apply(releaseResource, "p", "ada");
  assertEquals([fixture.consume("q", "bob"), fixture.consume("p", "bob")], ["r", "no room"]);
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["", "ada@r bob@r"]);
});

Deno.test("couple() counts existing sessions at once, and decouple() can open a resource", () => {
  const fixture = new PoolFixture({ p: { r: 1 }, q: { r: 1 } });
  assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "ada")], ["r", "r"]);
  fixture.apply(couple, "r").apply(releaseResource, "q", "ada");
  assertEquals([fixture.uses("q"), fixture.consume("q", "bob")], ["r=1/1", "no room"]);
  fixture.apply(decouple, "r");
  assertEquals([fixture.uses("p"), fixture.uses("q"), fixture.consume("q", "bob")], [
    "r=1/1",
    "r=0/1",
    "r",
  ]);
});

Deno.test("the seed methods count the use of a coupled resource by other pools", () => {
  for (
    const [seed, choices] of [["weighted", "b, b, b, b, r"], ["minimal", "b, b, r, b, r"]] as const
  ) {
    const fixture = new PoolFixture({ p: { r: 4, b: 8 }, q: { r: 4 } }, { seed, coupled: ["r"] });
    fixture.consume("q", "ada", "bob");
    assertEquals(fixture.consume("p", "ada", "bob", "cyd", "dan", "eve"), choices, seed);
  }
});

Deno.test("the pools of a coupled resource share offset and ratio, whichever pool is named", () => {
  for (const pool of ["p", "q", undefined]) {
    const fixture = new PoolFixture({ p: { r: 4 }, q: { r: 4 } }, { coupled: ["r"] });
    fixture.consume("p", "ada");
    fixture.consume("q", "ada");
    fixture.apply(setUsed, "r", 3, pool).apply(setRatio, "r", 20_000, pool);
    assertEquals([numbers(fixture, "p"), numbers(fixture, "q")], [[4, 20_000, 2, 1], [
      4,
      20_000,
      2,
      1,
    ]]);
    assertEquals(fixture.uses("q"), "r=3/8");
  }
});

Deno.test("the pools of a coupled resource have separate flags", () => {
  const fixture = new PoolFixture({ p: { r: 4 }, q: { r: 4 } }).apply(setFrozen, "r", "p", true);
  fixture.lock("q", "r").apply(couple, "r");
  assertEquals([fixture.flags("p"), fixture.flags("q")], ["r frozen", "r locked"]);
  fixture.apply(setFrozen, "r", "p", false);
  assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "ada")], ["r", "no room"]);
  fixture.apply(decouple, "r");
  assertEquals([fixture.flags("p"), fixture.flags("q")], ["", "r locked"]);
});

Deno.test("after decouple() each pool has its own quantity, ratio and use", () => {
  const fixture = new PoolFixture({ p: { r: 2 }, q: { r: 2 } }, { coupled: ["r"] }).apply(
    decouple,
    "r",
  );
  fixture.apply(setResource, "r", 9, "p").apply(setRatio, "r", 20_000, "q").apply(
    setUsed,
    "r",
    1,
    "q",
  );
  fixture.consume("p", "ada");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["r=1/9", "r=1/4"]);
});

Deno.test("couple() works for a resource of one pool, and later pools share it", () => {
  const fixture = new PoolFixture({ p: { r: 2 }, q: {} }).apply(couple, "r");
  fixture.apply(setResource, "r", 3, "q");
  fixture.consume("p", "ada");
  assertEquals([fixture.uses("p"), fixture.uses("q")], ["r=1/3", "r=1/3"]);
});

Deno.test("a refused couple() or decouple() changes nothing", () => {
  const fixture = usedFixture();
  assertEquals([fixture.attempt(couple, "x"), fixture.attempt(decouple, "x")], [
    "no resource x",
    "no resource x",
  ]);
  const coupled = new PoolFixture({ p: {} }, { coupled: ["r"] });
  assertEquals([coupled.attempt(couple, "r"), coupled.attempt(decouple, "r")], [
    "no resource r",
    "no resource r",
  ]);
});
