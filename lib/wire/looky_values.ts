/**
 * Reads and writes the values that the Looky protocol and its configuration share. Pure. Contract:
 * docs/protocol/looky.md, "Values". A read function returns undefined for a malformed text.
 */
import { RATIO_ONE } from "../state/pools/budget.ts";
import { type PoolMode, type Seed, SEEDS } from "../state/pools/model.ts";

/** The largest whole number that requests and configuration may contain. */
export const WHOLE_MAX = 2_147_483_647;
export const WHOLE_TEXT = `a whole number up to ${WHOLE_MAX}`;
export const RATIO_TEXT = `a number from 0.0001 to ${WHOLE_MAX}, like 1.25`;
export const SEED_TEXT = SEEDS.join(", ");
export const MODE_TEXT = "sticky, queued, or queued-DD with DD from 1";

/** Reads an integer from `min` to `WHOLE_MAX`: digits with an optional minus sign. */
export function readWhole(text: string, min = -Infinity): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= WHOLE_MAX ? number : undefined;
}

/** Reads digits with an optional fraction, and returns ten-thousandths, halves rounded up. */
export function readRatio(text: string): number | undefined {
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const carry = (fraction[4] ?? "0") >= "5" ? 1 : 0;
  const ratio = Number(whole) * RATIO_ONE + Number(fraction.slice(0, 4).padEnd(4, "0")) + carry;
  return ratio >= 1 && ratio <= WHOLE_MAX * RATIO_ONE ? ratio : undefined;
}

export function readSeed(text: string): Seed | undefined {
  return SEEDS.find((seed) => seed === text);
}

export function readMode(text: string): PoolMode | undefined {
  if (text === "sticky" || text === "queued") return text;
  const [, size] = /^queued-(\d+)$/.exec(text) ?? [];
  return size === undefined ? undefined : readWhole(size, 1);
}

export function writeMode(mode: PoolMode): string {
  return typeof mode === "number" ? `queued-${mode}` : mode;
}
