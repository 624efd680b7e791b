/**
 * What a peer should receive, and how to match the received text against it. Pure.
 * Text has one character per byte, as in `lib/wire/bytes.ts`.
 */
import { bytesOf, isText } from "../../lib/wire/bytes.ts";

/** The length of the matching prefix; or "more" must arrive; or "no", it cannot match any more. */
export type Match = number | "more" | "no";

export interface Wanted {
  /** Matches the text received so far, from its beginning. */
  match(got: string): Match;
  /** Describes the difference, for an error message. */
  compare(got: string): string;
}

/** Longer text is cut in error messages. */
const SHOWN_LENGTH_MAX = 500;

/** Wants this text. */
export function exactly(text: string): Wanted {
  return oneOf([text]);
}

/** Wants any of several texts; none may be a prefix of another. */
export function oneOf(texts: readonly string[]): Wanted {
  return {
    match(got: string): Match {
      const whole = texts.find((text) => got.startsWith(text));
      if (whole !== undefined) return whole.length;
      return texts.some((text) => text.startsWith(got)) ? "more" : "no";
    },
    compare(got: string): string {
      const at = Math.max(...texts.map((text) => firstDifference(text, got)));
      const nearest = texts.find((text) => firstDifference(text, got) === at) ?? "";
      return sideBySide(nearest, got, at);
    },
  };
}

/** Wants all blocks, in any order. */
export function inAnyOrder(blocks: readonly string[]): Wanted {
  return {
    match(got: string): Match {
      const { missing, rest } = removeBlocks(blocks, got);
      if (missing.length === 0) return got.length - rest.length;
      return missing.some((block) => block.startsWith(rest)) ? "more" : "no";
    },
    compare(got: string): string {
      const { missing, rest } = removeBlocks(blocks, got);
      return `wanted in any order ${readable(missing.join(""))}\ngot ${readable(rest)}` +
        (rest.length < got.length ? `\nafter a matching prefix of ${readable(got)}` : "");
    },
  };
}

/** Wants one line of any text. */
export const anyLine: Wanted = {
  match: (got) => got.indexOf("\n") + 1 || "more",
  compare: (got) => `wanted a line\ngot ${readable(got)}`,
};

/** Returns text as a string literal, decoded if it is UTF-8; long text is cut around `at`. */
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

function firstDifference(wanted: string, got: string): number {
  const length = Math.min(wanted.length, got.length);
  for (let at = 0; at < length; at++) if (wanted[at] !== got[at]) return at;
  return length;
}

/** Removes blocks from the beginning of `got`, in any order, as long as one matches. */
function removeBlocks(blocks: readonly string[], got: string): { missing: string[]; rest: string } {
  // The longest first, because a block may be a prefix of another.
  const missing = [...blocks].sort((a, b) => b.length - a.length);
  let rest = got;
  for (;;) {
    const found = missing.findIndex((block) => rest.startsWith(block));
    if (found < 0) return { missing, rest };
    rest = rest.slice(missing[found]!.length);
    missing.splice(found, 1);
  }
}
