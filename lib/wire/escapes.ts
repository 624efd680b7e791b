/** How a value is written where a blank ends it and a comma parts it from the next: both protocols. */
import { SPACE } from "./whitespace.ts";

/** The backslash first: it is in all others. */
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

/** A value as it goes on the wire. */
export function escape(value: string): string {
  if (isPlain(value)) return value;
  // Passes of the runtime's own: an expression that calls back takes ten times as long.
  let escaped = value;
  for (const [character, letter] of ESCAPES) {
    if (escaped.includes(character)) escaped = escaped.replaceAll(character, letter);
  }
  return escaped;
}

/** Whether nothing has to be escaped. A loop: names are short, and an expression begins slowly. */
function isPlain(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code <= SPACE || code === COMMA || code === BACKSLASH) return false;
  }
  return true;
}

/** The value that was escaped; an unknown escape stands for itself. */
export function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/gs, (found, letter) => CHARACTERS.get(letter) ?? found);
}
