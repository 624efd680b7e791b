/**
 * Reads the values of flags and options. Pure. Each function takes the text, and the flag as shown
 * to the user, and throws `UsageError` when the text is not a valid value.
 */
import { TIME_MS_MAX } from "../wire/extended.ts";
import { UsageError } from "./rows.ts";

/** The same words as in Go's flag package. */
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
};

export function readBoolean(text: string, flag: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw cannotRead(text, flag, `not a boolean; write ${flag} or ${flag}=false`);
}

/** Reads a whole number. A minus sign is accepted only when `min` is negative. */
export function readInteger(text: string, flag: string, min: number, max: number): number {
  const pattern = min < 0 ? /^[-+]?\d{1,15}$/ : /^\+?\d{1,15}$/;
  const number = pattern.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw cannotRead(text, flag, `not a whole number from ${min} to ${max}`);
}

/** Returns milliseconds for "30s", "1h30m" or "250ms"; a bare number is seconds, as in sleep(1). */
export function readDuration(text: string, flag: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const hasUnits = parts.length > 0 && parts.map(([part]) => part).join("") === text;
  if (!hasUnits && !/^\d+(\.\d+)?$/.test(text)) {
    throw cannotRead(text, flag, "not a duration such as 30s, 5m or 1h30m");
  }
  const ms = hasUnits
    ? parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS_MS[unit ?? ""] ?? 0), 0)
    : Number(text) * 1000;
  if (ms > TIME_MS_MAX) throw cannotRead(text, flag, "the longest duration is 24d");
  return Math.round(ms);
}

export function readOneOf<T extends string>(text: string, flag: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw cannotRead(text, flag, `not one of ${words.join(", ")}`);
}

function cannotRead(text: string, flag: string, reason: string): UsageError {
  return new UsageError(`Cannot read "${text}" for ${flag}: ${reason}`);
}
