/** Times as people write and read them: "1m30s" to milliseconds, a moment to "3m ago". Pure. */
import { UsageError } from "../server/flags.ts";
import { TIME_MS_MAX } from "../wire/extended.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
};

/** "30s", "1h30m", "250ms", "0"; a number alone is seconds, as for sleep(1). Throws `UsageError`. */
export function readTime(what: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === text;
  if (!isWhole && !/^\d+(\.\d+)?$/.test(text)) {
    throw new UsageError(`${what} is a time such as 30s, 5m or 1h30m, got "${text}"`);
  }
  const ms = isWhole
    ? parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS_MS[unit ?? ""] ?? 0), 0)
    : Number(text) * 1000;
  if (ms > TIME_MS_MAX) throw new UsageError(`${what} is at most 24d, got "${text}"`);
  return Math.round(ms);
}

/** How long, roughly: "45s", "3m", "2h", "5d"; less than a second is "0s". */
export function writeSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 60 * 60) return `${Math.floor(seconds / 60 / 60)}h`;
  return `${Math.floor(seconds / 60 / 60 / 24)}d`;
}

/** "3m ago". */
export function writeAgo(atMs: number, nowMs: number): string {
  return `${writeSpan(nowMs - atMs)} ago`;
}

/** The time of day here, "14:02:11". */
export function writeClock(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}
