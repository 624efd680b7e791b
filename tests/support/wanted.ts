/**
 * What a peer is to receive, and how far what came is that. Pure.
 * Text has one character a byte here, as in `lib/wire/bytes.ts`.
 */
import { bytesOf, isText } from "../../lib/wire/bytes.ts";

/** How much of what came is what was wanted; or more must come; or it can no longer become it. */
export type Match = number | "more" | "no";

export interface Wanted {
  /** Judges what has come so far, from its beginning. */
  match(got: string): Match;
  /** Wanted and got, for people. */
  compare(got: string): string;
}

/** Long enough for the longest reply that a person would read. */
const SHOWN_LENGTH_MAX = 500;

export function exactly(text: string): Wanted {
  return oneOf([text]);
}

/** Any of several texts; none may be the beginning of another. */
export function oneOf(texts: readonly string[]): Wanted {
  return {
    match(got: string): Match {
      const whole = texts.find((text) => got.startsWith(text));
      if (whole !== undefined) return whole.length;
      return texts.some((text) => text.startsWith(got)) ? "more" : "no";
    },
    compare(got: string): string {
      const at = Math.max(...texts.map((text) => differAt(text, got)));
      const nearest = texts.find((text) => differAt(text, got) === at) ?? "";
      return sideBySide(nearest, got, at);
    },
  };
}

/** All blocks, in any order. */
export function inAnyOrder(blocks: readonly string[]): Wanted {
  return {
    match(got: string): Match {
      const { missing, rest } = strike(blocks, got);
      if (missing.length === 0) return got.length - rest.length;
      return missing.some((block) => block.startsWith(rest)) ? "more" : "no";
    },
    compare(got: string): string {
      const { missing, rest } = strike(blocks, got);
      return `wanted in any order ${readable(missing.join(""))}\ngot ${readable(rest)}` +
        (rest.length < got.length ? `\nbehind what was right: ${readable(got)}` : "");
    },
  };
}

/** One line, whatever it says. */
export const anyLine: Wanted = {
  match: (got) => got.indexOf("\n") + 1 || "more",
  compare: (got) => `wanted a line\ngot ${readable(got)}`,
};

/** Text as a string literal: UTF-8 where it is that, cut to the surroundings of `at` when long. */
export function readable(text: string, at = 0): string {
  if (text.length > SHOWN_LENGTH_MAX) {
    const from = Math.max(0, at - SHOWN_LENGTH_MAX / 2);
    const piece = text.slice(from, from + SHOWN_LENGTH_MAX);
    return `${literal(piece)} (from byte ${from} of ${text.length})`;
  }
  return literal(text);
}

function literal(text: string): string {
  const bytes = bytesOf(text);
  if (isText(bytes)) return JSON.stringify(new TextDecoder().decode(bytes));
  const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16)}`;
  return JSON.stringify(text).replace(/[\x7f-\xff]/g, escaped);
}

function sideBySide(wanted: string, got: string, at: number): string {
  const both = `wanted ${readable(wanted, at)}\ngot    ${readable(got, at)}`;
  if (at === 0 || got.length === 0) return both;
  const tail = (text: string) => readable(text.slice(at, at + 40));
  return `${both}\nat byte ${at}: wanted ${tail(wanted)}, got ${tail(got)}`;
}

function differAt(wanted: string, got: string): number {
  const most = Math.min(wanted.length, got.length);
  for (let at = 0; at < most; at++) if (wanted[at] !== got[at]) return at;
  return most;
}

/** Strikes the blocks off that `got` begins with. */
function strike(blocks: readonly string[], got: string): { missing: string[]; rest: string } {
  // The longest first, for a block may begin with another.
  const missing = [...blocks].sort((a, b) => b.length - a.length);
  let rest = got;
  for (;;) {
    const found = missing.findIndex((block) => rest.startsWith(block));
    if (found < 0) return { missing, rest };
    rest = rest.slice(missing[found]!.length);
    missing.splice(found, 1);
  }
}
