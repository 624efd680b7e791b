/**
 * White space as the original server sees it: Go's `unicode.IsSpace`, matched on UTF-8 bytes
 * (`docs/protocol/glockd.md`, "How a request is read").
 *
 * JavaScript's own `trim` and `\s` have other members, and on text of one character a byte they
 * would cut letters in two: the second byte of "à" is 0xa0. All bytes below that open a sequence
 * (c2, e1, e2, e3) never continue one, so a match is always a whole character.
 */
const BLANK = [
  "[\\t-\\r ]", // TAB LF VT FF CR and space
  "\\xc2[\\x85\\xa0]", // U+0085 U+00A0
  "\\xe1\\x9a\\x80", // U+1680
  "\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]", // U+2000-200A U+2028 U+2029 U+202F
  "\\xe2\\x81\\x9f", // U+205F
  "\\xe3\\x80\\x80", // U+3000
].join("|");

const RUNS = new RegExp(`(?:${BLANK})+`, "g");
const FIRST = new RegExp(`(?:${BLANK})+`, "y");
const LAST = new RegExp(`(?:${BLANK})$`);
const LONGEST_BLANK = 3;
export const SPACE = 0x20;

/** `text` without the blanks at its ends. */
export function trimBlanks(text: string): string {
  if (isPlain(text, 0) && isPlain(text, text.length - 1)) return text;
  FIRST.lastIndex = 0;
  const start = FIRST.test(text) ? FIRST.lastIndex : 0;
  // Not one expression anchored at the end: on a long run of blanks that is not at the end, that
  // takes a time that grows with the square of its length.
  let end = text.length;
  while (end > start && !isPlain(text, end - 1)) {
    if (isAsciiBlank(text.charCodeAt(end - 1))) {
      end--;
      continue;
    }
    const last = LAST.exec(text.slice(Math.max(start, end - LONGEST_BLANK), end));
    if (last === null) break;
    end -= last[0].length;
  }
  return text.slice(start, end);
}

/** `text` with every run of blanks made one space, and none at its ends. */
export function foldBlanks(text: string): string {
  if (isFolded(text)) return text;
  const folded = text.replace(RUNS, " ");
  return folded.slice(folded.startsWith(" ") ? 1 : 0, folded.endsWith(" ") ? -1 : undefined);
}

/**
 * Whether there surely is nothing to fold, as in most lines: no blank but single spaces inside, and
 * no byte that could belong to one. A loop: lines are short, and an expression begins slowly.
 */
function isFolded(text: string): boolean {
  let before = SPACE;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SPACE ? before === SPACE : code >= 0x80 || isAsciiBlank(code)) return false;
    before = code;
  }
  return before !== SPACE || text === "";
}

/**
 * Where the first space of a line stands that is as most are: words with single spaces between them,
 * without any byte that could belong to another blank. Its length when it is one word; -1 when it
 * may be no such line. In one go: this is asked of every request.
 */
export function plainSpace(line: string): number {
  let first = line.length;
  let before = SPACE;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === SPACE) {
      if (before === SPACE) return -1;
      if (i < first) first = i;
    } else if (code < SPACE || code >= 0x80) return -1;
    before = code;
  }
  return before === SPACE ? -1 : first;
}

/** TAB LF VT FF CR and space. */
export function isAsciiBlank(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d);
}

/** Whether the character at `index` surely is no part of a blank. */
function isPlain(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code > 0x20 && code < 0x80;
}
