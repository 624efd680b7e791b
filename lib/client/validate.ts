/** Checks what callers pass: the server must read each text exactly as given. */
import { LOCK_NAMES_MAX } from "../wire/extended.ts";
import { RequestError } from "./errors.ts";

/** Characters that separate words and have no escape (lib/wire/escapes.ts). */
const SEPARATORS = /[\v\f]/;
/** The same for pools, where any Unicode white space separates words (docs/protocol/looky.md). */
const POOL_SEPARATORS = /[\s\x85]/;

/** Throws `RequestError` when `text` cannot be sent; `subject` names it in the message. */
export function checkText(text: string, subject: string): void {
  check(text, subject, SEPARATORS);
}

/** Throws `RequestError` when a word of a pool request, which has no escapes, cannot be sent. */
export function checkPoolWord(word: string): void {
  if (word === "") throw new RequestError("Cannot send an empty word: pools do not accept it");
  check(word, "the word", POOL_SEPARATORS);
}

function check(text: string, subject: string, separators: RegExp): void {
  if (typeof text !== "string") {
    throw new RequestError(`Cannot send ${subject}: it is not a string`);
  }
  const [separator] = separators.exec(text) ?? [];
  if (separator !== undefined) {
    const code = separator.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    throw new RequestError(
      `Cannot send ${subject} ${JSON.stringify(text)}: ` +
        `it contains U+${code}, which the server reads as the end of a word`,
    );
  }
  if (hasUnpairedSurrogate(text)) {
    throw new RequestError(
      `Cannot send ${subject} ${JSON.stringify(text)}: it contains an unpaired surrogate`,
    );
  }
}

/** An unpaired surrogate would be sent as U+FFFD. */
function hasUnpairedSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/u.test(text);
}

/** Throws `RequestError` when `names` cannot be acquired together. */
export function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new RequestError("Cannot acquire a lock: no name given");
  if (names.length > LOCK_NAMES_MAX) {
    throw new RequestError(
      `Cannot acquire ${names.length} locks at once: at most ${LOCK_NAMES_MAX} are allowed`,
    );
  }
  for (const name of names) checkText(name, "the name");
  if (new Set(names).size < names.length) {
    throw new RequestError("Cannot acquire the locks: a name is given twice");
  }
}

/** Throws `RequestError` when `line` cannot be sent unchanged. */
export function checkLine(line: string): void {
  if (/[\r\n]/.test(line)) {
    throw new RequestError("Cannot send the line: it contains a line ending; send one line a call");
  }
  if (hasUnpairedSurrogate(line)) {
    throw new RequestError("Cannot send the line: it contains an unpaired surrogate");
  }
}
