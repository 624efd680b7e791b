/**
 * Parses a line of the glockd protocol into a request. Pure. Separate from `glockd.ts`, so that a
 * client does not load the code for listings.
 */
import { collapseWhitespace, plainWordEnd, trimWhitespace } from "./whitespace.ts";
import type { CommandRequest } from "./dialect.ts";

const NO_WORDS: readonly string[] = [];

/** Splits a line at its first space into the verb and the rest, with white space collapsed. */
export function readRequest(line: string): CommandRequest {
  const end = plainWordEnd(line);
  if (end >= 0) {
    return { verb: line.slice(0, end), rest: line.slice(end + 1), words: NO_WORDS, native: false };
  }
  const text = trimWhitespace(line);
  const space = text.indexOf(" ");
  const verb = space < 0 ? text : text.slice(0, space);
  const rest = space < 0 ? "" : collapseWhitespace(text.slice(space + 1));
  return { verb, rest, words: NO_WORDS, native: false };
}
