/** What may be said: text that comes back from the server as it went there. */
import { LOCK_NAMES_MAX } from "../wire/extended.ts";
import { RequestError } from "./errors.ts";

/** What parts the words of a request and cannot be escaped (lib/wire/escapes.ts). */
const PARTING = /[\v\f]/;
/** What parts those of the pools: docs/protocol/looky.md takes all that Unicode calls blank. */
const PARTING_OF_POOLS = /[\s\x85]/;

/** Refuses text that would arrive as something else; `what` is what it is, for the message. */
export function checkText(text: string, what: string): void {
  refuse(text, what, PARTING);
}

/** The same for a word of the pools, where nothing can be escaped. */
export function checkPoolWord(word: string): void {
  if (word === "") throw new RequestError("a word is empty; pools take none such");
  refuse(word, "the word", PARTING_OF_POOLS);
}

function refuse(text: string, what: string, parting: RegExp): void {
  if (typeof text !== "string") throw new RequestError(`${what} must be a text`);
  const [blank] = parting.exec(text) ?? [];
  if (blank !== undefined) {
    const code = blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    throw new RequestError(
      `${what} ${JSON.stringify(text)} holds the blank U+${code}, which the server would take ` +
        `for the end of a word`,
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
  if (names.length > LOCK_NAMES_MAX) {
    throw new RequestError(`${names.length} names are too many; ${LOCK_NAMES_MAX} go at once`);
  }
  for (const name of names) checkText(name, "the name");
  if (new Set(names).size < names.length) throw new RequestError("a name stands there twice");
}

/** A line that goes as it is. */
export function checkLine(line: string): void {
  if (/[\r\n]/.test(line)) throw new RequestError("a line has no line end in it; send one a time");
  if (isLone(line)) throw new RequestError("the line is no text: half of a pair stands alone");
}
