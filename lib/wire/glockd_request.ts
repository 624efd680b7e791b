/**
 * How a line reads as a request, in the protocol of the locks with and without the extended words.
 * Pure. Apart from `glockd.ts`, so that a client takes no listings along.
 */
import { foldBlanks, plainSpace, trimBlanks } from "./whitespace.ts";
import type { CommandRequest } from "./dialect.ts";

const NO_WORDS: readonly string[] = [];

/** The command is what stands before the first space, its argument the rest with blanks folded. */
export function readRequest(line: string): CommandRequest {
  const end = plainSpace(line);
  if (end >= 0) {
    return { verb: line.slice(0, end), rest: line.slice(end + 1), words: NO_WORDS, native: false };
  }
  const text = trimBlanks(line);
  const space = text.indexOf(" ");
  const verb = space < 0 ? text : text.slice(0, space);
  const rest = space < 0 ? "" : foldBlanks(text.slice(space + 1));
  return { verb, rest, words: NO_WORDS, native: false };
}
