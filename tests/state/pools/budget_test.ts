/** A resource's arithmetic: quantity and ratio, use, load. */
import {
  type Budget,
  isBelow,
  newBudget,
  RATIO_ONE,
  setHave,
  usage,
  used,
} from "../../../lib/state/pools/budget.ts";
import { SEEDS } from "../../../lib/state/pools/model.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** What numbers can tell of whole numbers. */
const HUGE = Number.MAX_SAFE_INTEGER;
/** The largest whole number of a request. */
const LARGEST = 2_147_483_647;

/** A budget with so much used of so much. */
function budgetOf(counted: number, have: number, offset = 0): Budget {
  return { ...newBudget(have), counted, offset };
}

/** The effective quantity, the ratio in ten-thousandths. */
function haveOf(given: number, ratio: number): number {
  const budget = newBudget(1);
  setHave(budget, given, ratio);
  return budget.have;
}

Deno.test("a new budget has what was given and nothing is used of it", () => {
  const { resources, fresh, ...numbers } = newBudget(7);
  assertEquals(numbers, { given: 7, ratio: RATIO_ONE, have: 7, counted: 0, offset: 0 });
  assertEquals([used(newBudget(7)), resources.size, fresh.length], [0, 0, 0]);
});

Deno.test("the effective quantity is given x ratio, rounded down, as people reckon", () => {
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

Deno.test("the largest quantities and ratios stay exact", () => {
  assertEquals(haveOf(LARGEST, 10_000), LARGEST);
  assertEquals(haveOf(LARGEST, 9_999), 2_147_268_898);
  assertEquals(haveOf(LARGEST, 1), 214_748);
  assertEquals(haveOf(1, 9_007_199_254_739_999), 900_719_925_473);
  assertEquals(haveOf(LARGEST, 41_940_001), 9_006_546_630_266);
});

Deno.test("a quantity beyond all numbers stays a whole number", () => {
  for (const ratio of [100_000_000_001, HUGE, 1e20, 1e300]) {
    const have = haveOf(LARGEST, ratio);
    assert(Number.isInteger(have) && have >= HUGE, `${ratio}`);
  }
});

Deno.test("setHave tells whether that is a change", () => {
  const budget = newBudget(3);
  assertEquals(setHave(budget, 3, RATIO_ONE), false);
  assertEquals(setHave(budget, 4, RATIO_ONE), true);
  assertEquals(setHave(budget, 4, 10_001), true);
  assertEquals(setHave(budget, 4, 10_001), false);
  assertEquals([budget.given, budget.ratio, budget.have], [4, 10_001, 4]);
});

Deno.test("effective use is counted plus offset, and never below 0", () => {
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
    const told = [used(budget), used(budget, -1), used(budget, 1)];
    assertEquals(told, [now, oneLess, oneMore], `${counted} + ${offset}`);
  }
});

Deno.test("usage is rounded to whole per cent, halves up, and not capped", () => {
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
    assertEquals(usage(budgetOf(counted, have)), expected, `${counted} of ${have}`);
  }
});

Deno.test("of an effective quantity of 0, usage is 0 % or 100 %", () => {
  assertEquals(usage(budgetOf(0, 0)), 0);
  assertEquals(usage(budgetOf(1, 0)), 100);
  assertEquals(usage(budgetOf(7, 0)), 100);
  assertEquals(usage(budgetOf(1, 0, -1)), 0);
  assertEquals(usage(budgetOf(0, 0, 2)), 100);
});

Deno.test("weighted prefers the lower load, minimal the lower use, the others none", () => {
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
    // Equal as quotients of numbers.
    [[1, HUGE], [1, HUGE - 1], true, false],
    [[1, HUGE - 1], [1, HUGE], false, false],
    [[1, HUGE], [1, HUGE], false, false],
  ];
  for (const [a, b, weighted, minimal] of cases) {
    const told = SEEDS.map((seed) => [seed, isBelow(seed, budgetOf(...a), budgetOf(...b))]);
    const expected = { weighted, minimal, serial: false, parallel: false };
    assertEquals(Object.fromEntries(told), expected, `${a.join("/")} below ${b.join("/")}`);
  }
});
