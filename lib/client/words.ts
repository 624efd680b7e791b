/** What may be said: text that comes back from the server as it went there. */
import { RequestError } from "./errors.ts";

/**
 * White space that the protocol folds and cannot escape; blank, TAB, LF and CR it can
 * (lib/wire/escapes.ts). docs/protocol/glockd.md, "How a request is read".
 */
const FOLDED = /[\v\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const NAMES_MAX = 64;

/** Refuses text that would arrive as something else; `what` is what it is, for the message. */
export function checkText(text: string, what: string): void {
  if (typeof text !== "string") throw new RequestError(`${what} must be a text`);
  const [blank] = FOLDED.exec(text) ?? [];
  if (blank !== undefined) {
    const code = blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    throw new RequestError(
      `${what} ${JSON.stringify(text)} holds the blank U+${code}, which the server would take ` +
        `for the end of a word; use a plain space`,
    );
  }
  if (isLone(text)) {
    throw new RequestError(
      `${what} ${JSON.stringify(text)} is no text: half of a pair stands alone`,
    );
  }
}

/** Whether half of a surrogate pair stands alone: as UTF-8 it would be U+FFFD. */
function isLone(text: string): boolean {
  return /[\ud800-\udfff]/u.test(text);
}

export function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new RequestError("there must be a name");
  if (names.length > NAMES_MAX) {
    throw new RequestError(`${names.length} names are too many; ${NAMES_MAX} go at once`);
  }
  for (const name of names) checkText(name, "the name");
  if (new Set(names).size < names.length) throw new RequestError("a name stands there twice");
}

/** A line that goes as it is. */
export function checkLine(line: string): void {
  if (/[\r\n]/.test(line)) throw new RequestError("a line has no line end in it; send one a time");
  if (isLone(line)) throw new RequestError("the line is no text: half of a pair stands alone");
}
