/**
 * The escapes in values that end at white space or a comma, in the Looky and extended protocols.
 */
import { SPACE } from "./whitespace.ts";

/**
 * The letter for each escaped character. The backslash comes first: other escapes contain one.
 */
const LETTERS: Readonly<Record<string, string>> = {
  "\\": "\\",
  ",": "c",
  "\n": "n",
  " ": "s",
  "\t": "t",
  "\r": "r",
};
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const CHARACTERS = new Map(
  Object.entries(LETTERS).map(([character, letter]) => [letter, character]),
);

const ESCAPES = Object.entries(LETTERS).map(([character, letter]) =>
  [character, `\\${letter}`] as const
);

/** Returns the escaped value. */
export function escape(value: string): string {
  if (isPlain(value)) return value;
  // Several native passes: a regular expression with a callback takes ten times as long.
  let escaped = value;
  for (const [character, letter] of ESCAPES) {
    if (escaped.includes(character)) escaped = escaped.replaceAll(character, letter);
  }
  return escaped;
}

/**
 * Returns whether the value needs no escapes. Uses a loop, because names are short and a regular
 * expression is slow to start.
 */
function isPlain(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code <= SPACE || code === COMMA || code === BACKSLASH) return false;
  }
  return true;
}

/** Returns the unescaped text; keeps unknown escapes. */
export function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/gs, (found, letter) => CHARACTERS.get(letter) ?? found);
}
