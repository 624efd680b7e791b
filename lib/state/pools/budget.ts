/**
 * The arithmetic of a budget: the effective quantity of a resource, its effective use, and its
 * load. A resource has a budget in each pool; a coupled resource has a single budget for all pools.
 */
import type { Budget, Resource, Seed } from "./model.ts";

/** The ratio 1, in ten-thousandths. */
export const RATIO_ONE = 10_000;

export function newBudget(given: number): Budget {
  const resources = new Set<Resource>();
  return { given, ratio: RATIO_ONE, have: given, counted: 0, offset: 0, resources, ranked: [] };
}

/**
 * Returns the effective use: counted sessions plus `more` plus offset, at least 0.
 */
export function effectiveUse(
  { counted, offset }: Pick<Budget, "counted" | "offset">,
  more = 0,
): number {
  return Math.max(0, counted + more + offset);
}

/** Sets quantity and ratio; returns whether that changes anything. */
export function setHave(budget: Budget, given: number, ratio: number): boolean {
  if (budget.given === given && budget.ratio === ratio) return false;
  budget.given = given;
  budget.ratio = ratio;
  const exact = given * ratio;
  // A product beyond 2^53 is not exact as a number, so it needs BigInt. A result beyond is capped.
  budget.have = Number.isSafeInteger(exact)
    ? Math.floor(exact / RATIO_ONE)
    : Math.min(Number.MAX_SAFE_INTEGER, Number(BigInt(given) * BigInt(ratio) / BigInt(RATIO_ONE)));
  return true;
}

/** Returns the effective use as a whole percentage of the effective quantity, halves rounded up. */
export function usagePercent(budget: Pick<Budget, "have" | "counted" | "offset">): number {
  if (budget.have === 0) return effectiveUse(budget) === 0 ? 0 : 100;
  return Math.round(100 * effectiveUse(budget) / budget.have);
}

/**
 * Returns the value by which the seed method ranks: the lowest is best, and the first of equals.
 */
export function loadOf(budget: Budget, seed: Seed): number {
  if (seed === "minimal") return effectiveUse(budget);
  // A resource with an effective quantity of 0 is never open, so its load does not matter.
  return seed === "weighted" && budget.have > 0 ? effectiveUse(budget) / budget.have : 0;
}

/**
 * Up to this quantity, two open resources, whose quotients are below 1, have equal quotients only
 * if their loads are equal: no product of two quantities exceeds 2^53. Beyond it, rounding may make
 * different loads equal, but it never reverses their order.
 */
export const EXACT_HAVE_MAX = 2 ** 26;

/**
 * Returns whether the seed method prefers `a` to `b`; of equals, the first in the list is chosen.
 */
export function hasLowerLoad(seed: Seed, a: Budget, b: Budget): boolean {
  const [loadA, loadB] = [loadOf(a, seed), loadOf(b, seed)];
  if (loadA !== loadB || seed !== "weighted") return loadA < loadB;
  const [useA, useB] = [effectiveUse(a), effectiveUse(b)];
  const [left, right] = [useA * b.have, useB * a.have];
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left < right;
  return BigInt(useA) * BigInt(b.have) < BigInt(useB) * BigInt(a.have);
}
