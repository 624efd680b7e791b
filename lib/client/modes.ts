/** Names and modes, compared. */
import type { Mode } from "./types.ts";

/** The table of the server that a mode is about. */
export function kindOf(mode: Mode): "exclusive" | "shared" {
  return mode === "exclusive" || mode === "write" ? "exclusive" : "shared";
}

/** The server takes prefixes of 256 bytes, and a character is four at most. */
const START_LENGTH_MAX = 64;

/** The longest beginning that all names have in common. */
export function commonStart([first = "", ...others]: readonly string[]): string {
  let length = Math.min(first.length, START_LENGTH_MAX);
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  const start = first.slice(0, length);
  // Not in the middle of a pair: half of one is no text.
  return length < first.length ? start.replace(/[\ud800-\udbff]$/, "") : start;
}
