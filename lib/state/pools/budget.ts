/**
 * A resource's arithmetic: how many sessions it has room for and how many count as used. A shared
 * resource has a budget in each pool, a coupled one a single budget for all.
 */
import type { Resource, Seed } from "./model.ts";

export interface Budget {
  /** The quantity as it was set. */
  given: number;
  /** In ten-thousandths, so that 1.15 is exact. */
  ratio: number;
  /** The effective quantity: given x ratio, rounded down. */
  have: number;
  /** Sessions on all its resources. */
  counted: number;
  /** What `set-used` adds to that. */
  offset: number;
  /** Those that share it: one, or the coupled ones of all pools. */
  readonly resources: Set<Resource>;
  /** Those of them that were ranked since the budget changed; the others are stale. */
  readonly fresh: Resource[];
}

/** The ratio of 1. */
export const RATIO_ONE = 10_000;

export function newBudget(given: number): Budget {
  const resources = new Set<Resource>();
  return { given, ratio: RATIO_ONE, have: given, counted: 0, offset: 0, resources, fresh: [] };
}

/** The sessions that count as used, with `more` of them. */
export function used({ counted, offset }: Pick<Budget, "counted" | "offset">, more = 0): number {
  return Math.max(0, counted + more + offset);
}

/** Sets quantity and ratio; whether that changes anything. */
export function setHave(budget: Budget, given: number, ratio: number): boolean {
  if (budget.given === given && budget.ratio === ratio) return false;
  budget.given = given;
  budget.ratio = ratio;
  const exact = given * ratio;
  // Beyond 2^53 a product of numbers is no longer exact; what is beyond it then is as good as it.
  budget.have = Number.isSafeInteger(exact)
    ? Math.floor(exact / RATIO_ONE)
    : Math.min(Number.MAX_SAFE_INTEGER, Number(BigInt(given) * BigInt(ratio) / BigInt(RATIO_ONE)));
  return true;
}

/** Effective used of effective have in whole per cent, halves up. */
export function usage(budget: Pick<Budget, "have" | "counted" | "offset">): number {
  if (budget.have === 0) return used(budget) === 0 ? 0 : 100;
  return Math.round(100 * used(budget) / budget.have);
}

/** By what the seed method ranks: of two budgets it prefers the lower, among equals the first. */
export function loadOf(budget: Budget, seed: Seed): number {
  if (seed === "minimal") return used(budget);
  // Of those with nothing to have none is open, whatever is said here.
  return seed === "weighted" && budget.have > 0 ? used(budget) / budget.have : 0;
}

/**
 * Division rounds, but never turns the order round. Equal quotients below 1, as those of open
 * resources are, tell of equal loads as long as no product of two haves is beyond 2^53.
 */
export const EXACT_HAVE_MAX = 2 ** 26;

/** Whether the seed method prefers budget `a` to `b`; among equals the list's order decides. */
export function isBelow(seed: Seed, a: Budget, b: Budget): boolean {
  const [loadA, loadB] = [loadOf(a, seed), loadOf(b, seed)];
  if (loadA !== loadB || seed !== "weighted") return loadA < loadB;
  const [usedA, usedB] = [used(a), used(b)];
  const [left, right] = [usedA * b.have, usedB * a.have];
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left < right;
  return BigInt(usedA) * BigInt(b.have) < BigInt(usedB) * BigInt(a.have);
}
