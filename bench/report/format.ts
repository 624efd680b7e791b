/** How values are written, on the terminal and in Markdown alike. Pure. */
import type { Spread } from "./statistics.ts";

/** Stands for a value that is missing. */
export const MISSING = "–";

/** Rounds to three significant digits and groups thousands: "96,800". */
export function rate(value: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 2);
  return count(Math.round(value / step) * step);
}

export function count(value: number): string {
  return value.toLocaleString("en");
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

export function percent(value: number): string {
  return `${Math.round(value)} %`;
}

export function times(value: number): string {
  return `${value.toFixed(2)}x`;
}

/** Writes the median, and the range when there was more than one round. */
export function spread(
  value: Spread | undefined,
  format: (value: number) => string = times,
  bare: (value: number) => string = (value) => value.toFixed(2),
): string {
  if (value === undefined) return MISSING;
  const { median, lowest, highest } = value;
  const range = lowest === highest ? "" : ` (${bare(lowest)} to ${bare(highest)})`;
  return format(median) + range;
}

export type Unit = "ms" | "KiB" | "MiB" | "x" | "/s";

export function quantity(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return MISSING;
  if (unit === "ms") return ms(value);
  if (unit === "x") return times(value);
  if (unit === "/s") return `${rate(value)}/s`;
  return `${value.toFixed(1)} ${unit}`;
}

/** @param isMet whether a target is met; undefined when there is nothing to judge */
export function verdict(isMet: boolean | undefined): string {
  return isMet === undefined ? MISSING : isMet ? "yes" : "no";
}
