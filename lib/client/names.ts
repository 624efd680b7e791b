/** Names and modes, compared. */
import type { Mode } from "./types.ts";

/** The table of the server that a mode is about. */
export function kindOf(mode: Mode): "exclusive" | "shared" {
  return mode === "exclusive" || mode === "write" ? "exclusive" : "shared";
}

/** The longest beginning that all names have in common. */
export function commonStart([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  const start = first.slice(0, length);
  // Not in the middle of a pair: half of one is no text.
  return length < first.length ? start.replace(/[\ud800-\udbff]$/, "") : start;
}
