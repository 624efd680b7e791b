/**
 * White space as the original server defines it: Go's `unicode.IsSpace`, matched on UTF-8 bytes
 * (`docs/protocol/glockd.md`, "How a request is read"). A blank is one such character.
 *
 * JavaScript's own `trim` and `\s` match other characters, and would split letters in text of one
 * character a byte: the second byte of "à" is 0xa0. The bytes below that begin a sequence (c2, e1,
 * e2, e3) never continue one, so a match is always a whole character.
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
const RUN_HERE = new RegExp(`(?:${BLANK})+`, "y");
const BLANK_AT_END = new RegExp(`(?:${BLANK})$`);
const BLANK_BYTES_MAX = 3;
export const SPACE = 0x20;

/** Returns `text` without white space at its ends. */
export function trimWhitespace(text: string): string {
  if (isNotBlank(text, 0) && isNotBlank(text, text.length - 1)) return text;
  RUN_HERE.lastIndex = 0;
  const start = RUN_HERE.test(text) ? RUN_HERE.lastIndex : 0;
  // Does not use one expression anchored at the end: on a long run of blanks elsewhere, its time
  // grows with the square of the run's length.
  let end = text.length;
  while (end > start && !isNotBlank(text, end - 1)) {
    if (isAsciiWhitespace(text.charCodeAt(end - 1))) {
      end--;
      continue;
    }
    const last = BLANK_AT_END.exec(text.slice(Math.max(start, end - BLANK_BYTES_MAX), end));
    if (last === null) break;
    end -= last[0].length;
  }
  return text.slice(start, end);
}

/** Returns `text` with each run of white space replaced by one space, and none at its ends. */
export function collapseWhitespace(text: string): string {
  if (isCollapsed(text)) return text;
  const collapsed = text.replace(RUNS, " ");
  return collapsed.slice(
    collapsed.startsWith(" ") ? 1 : 0,
    collapsed.endsWith(" ") ? -1 : undefined,
  );
}

/**
 * Returns true if there is certainly nothing to collapse, as in most lines: only single spaces
 * inside, and no byte that could belong to another blank. Uses a loop, because lines are short and
 * a regular expression is slow to start.
 */
function isCollapsed(text: string): boolean {
  let before = SPACE;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SPACE ? before === SPACE : code >= 0x80 || isAsciiWhitespace(code)) return false;
    before = code;
  }
  return before !== SPACE || text === "";
}

/**
 * Returns where the first word of a plain line ends, or -1 if the line may not be plain. Most lines
 * are plain: words with single spaces between them, and no byte that could belong to another blank.
 * Takes a single pass, because it runs for every request.
 */
export function plainWordEnd(line: string): number {
  let end = line.length;
  let before = SPACE;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === SPACE) {
      if (before === SPACE) return -1;
      if (i < end) end = i;
    } else if (code < SPACE || code >= 0x80) return -1;
    before = code;
  }
  return before === SPACE ? -1 : end;
}

/** Returns whether a character is TAB, LF, VT, FF, CR or space. */
export function isAsciiWhitespace(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d);
}

/** Returns whether the character at `index` is certainly not part of a blank. */
function isNotBlank(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code > 0x20 && code < 0x80;
}
