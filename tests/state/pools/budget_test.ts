/** The arithmetic of a budget: quantity and ratio, use, load. */
import {
  effectiveUse,
  hasLowerLoad,
  newBudget,
  RATIO_ONE,
  setHave,
  usagePercent,
} from "../../../lib/state/pools/budget.ts";
import { type Budget, SEEDS } from "../../../lib/state/pools/model.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** The largest exact whole number. */
const HUGE = Number.MAX_SAFE_INTEGER;
/** The largest whole number in a request. */
const LARGEST = 2_147_483_647;

/** Returns a budget with `counted` of `have` used. */
function budgetOf(counted: number, have: number, offset = 0): Budget {
  return { ...newBudget(have), counted, offset };
}

/** Returns the effective quantity for a ratio in ten-thousandths. */
function haveOf(given: number, ratio: number): number {
  const budget = newBudget(1);
  setHave(budget, given, ratio);
  return budget.have;
}

Deno.test("newBudget() returns the given quantity with nothing used", () => {
  const { resources, ranked, ...numbers } = newBudget(7);
  assertEquals(numbers, { given: 7, ratio: RATIO_ONE, have: 7, counted: 0, offset: 0 });
  assertEquals([effectiveUse(newBudget(7)), resources.size, ranked.length], [0, 0, 0]);
});

Deno.test("the effective quantity is given x ratio in decimal arithmetic, rounded down", () => {
  const cases: [given: number, ratio: number, have: number][] = [
    [100, 10_000, 100],
    [100, 11_500, 115],
    [100, 2_900, 29],
    [100, 5_700, 57],
    [1000, 10_050, 1005],
    [700, 11_300, 791],
    [50, 11_000, 55],
    [200, 5_000, 100],
    [300, 20_000, 600],
    [3, 5_000, 1],
    [1, 15_000, 1],
    [1, 19_999, 1],
    [3, 3_333, 0],
    [3, 3_334, 1],
    [1, 9_999, 0],
    [1, 1, 0],
    [9_999, 1, 0],
    [10_000, 1, 1],
  ];
  for (const [given, ratio, have] of cases) {
    assertEquals(haveOf(given, ratio), have, `${given} x ${ratio / RATIO_ONE}`);
  }
});

Deno.test("the effective quantity is exact for the largest quantities and ratios", () => {
  assertEquals(haveOf(LARGEST, 10_000), LARGEST);
  assertEquals(haveOf(LARGEST, 9_999), 2_147_268_898);
  assertEquals(haveOf(LARGEST, 1), 214_748);
  assertEquals(haveOf(1, 9_007_199_254_739_999), 900_719_925_473);
  assertEquals(haveOf(LARGEST, 41_940_001), 9_006_546_630_266);
});

Deno.test("an effective quantity beyond 2^53 is still a whole number", () => {
  for (const ratio of [100_000_000_001, HUGE, 1e20, 1e300]) {
    const have = haveOf(LARGEST, ratio);
    assert(Number.isInteger(have) && have >= HUGE, `${ratio}`);
  }
});

Deno.test("setHave() returns whether it changed anything", () => {
  const budget = newBudget(3);
  assertEquals(setHave(budget, 3, RATIO_ONE), false);
  assertEquals(setHave(budget, 4, RATIO_ONE), true);
  assertEquals(setHave(budget, 4, 10_001), true);
  assertEquals(setHave(budget, 4, 10_001), false);
  assertEquals([budget.given, budget.ratio, budget.have], [4, 10_001, 4]);
});

Deno.test("effectiveUse() is counted plus offset, and at least 0", () => {
  const cases: [counted: number, offset: number, used: number, oneLess: number, more: number][] = [
    [0, 0, 0, 0, 1],
    [3, 0, 3, 2, 4],
    [3, 4, 7, 6, 8],
    [3, -2, 1, 0, 2],
    [3, -3, 0, 0, 1],
    [3, -5, 0, 0, 0],
    [0, LARGEST, LARGEST, LARGEST - 1, LARGEST + 1],
  ];
  for (const [counted, offset, now, oneLess, oneMore] of cases) {
    const budget = budgetOf(counted, 1, offset);
    const results = [effectiveUse(budget), effectiveUse(budget, -1), effectiveUse(budget, 1)];
    assertEquals(results, [now, oneLess, oneMore], `${counted} + ${offset}`);
  }
});

Deno.test("usagePercent() rounds to whole per cent, halves up, and is not capped", () => {
  const cases: [used: number, have: number, usage: number][] = [
    [0, 2, 0],
    [1, 2, 50],
    [2, 2, 100],
    [1, 3, 33],
    [2, 3, 67],
    [1, 8, 13],
    [3, 8, 38],
    [1, 200, 1],
    [1, 201, 0],
    [29, 200, 15],
    [3, 2, 150],
    [7, 1, 700],
    [1, LARGEST, 0],
    [LARGEST, 1, 100 * LARGEST],
    [1, HUGE, 0],
  ];
  for (const [counted, have, expected] of cases) {
    assertEquals(usagePercent(budgetOf(counted, have)), expected, `${counted} of ${have}`);
  }
});

Deno.test("usagePercent() is 0 or 100 for an effective quantity of 0", () => {
  assertEquals(usagePercent(budgetOf(0, 0)), 0);
  assertEquals(usagePercent(budgetOf(1, 0)), 100);
  assertEquals(usagePercent(budgetOf(7, 0)), 100);
  assertEquals(usagePercent(budgetOf(1, 0, -1)), 0);
  assertEquals(usagePercent(budgetOf(0, 0, 2)), 100);
});

Deno.test("hasLowerLoad() compares loads for weighted, uses for minimal, else nothing", () => {
  type Use = [used: number, have: number];
  const cases: [a: Use, b: Use, weighted: boolean, minimal: boolean][] = [
    [[0, 1], [0, 2], false, false],
    [[1, 3], [1, 2], true, false],
    [[1, 2], [1, 3], false, false],
    [[1, 2], [2, 4], false, true],
    [[2, 4], [1, 2], false, false],
    [[2, 5], [1, 2], true, false],
    [[1, 2], [2, 3], true, true],
    [[LARGEST - 1, LARGEST], [LARGEST, LARGEST], true, true],
    // Equal as floating-point quotients.
    [[1, HUGE], [1, HUGE - 1], true, false],
    [[1, HUGE - 1], [1, HUGE], false, false],
    [[1, HUGE], [1, HUGE], false, false],
  ];
  for (const [a, b, weighted, minimal] of cases) {
    const results = SEEDS.map((seed) => [seed, hasLowerLoad(seed, budgetOf(...a), budgetOf(...b))]);
    const expected = { weighted, minimal, serial: false, parallel: false };
    assertEquals(Object.fromEntries(results), expected, `${a.join("/")} below ${b.join("/")}`);
  }
});
