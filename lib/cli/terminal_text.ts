/**
 * Text for terminals: names that strangers chose made harmless, measured, cut, put into columns.
 * Pure.
 */

/** What a terminal may obey, or what makes a line read otherwise than it is: C0, C1, bidi, marks. */
const OBEYED =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** Drawn two cells wide. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;
/** Drawn onto the character before. */
const NO_CELL = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** A name or a text as it may stand on a terminal: what it might obey is written as \x1b or \u202e. */
export function harmless(text: string): string {
  return text.replace(OBEYED, hexOf).replace(LONE_SURROGATE, hexOf);
}

function hexOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

function cellsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (NO_CELL.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How many cells of a terminal a harmless text takes. */
export function widthOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** The text, cut to so many cells, its end then an ellipsis. */
export function cut(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = "";
  let left = cells - 1;
  for (const character of text) {
    left -= cellsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return cells < 1 ? "" : `${kept}…`;
}

/** A name may be as long as a line of the protocol, and would make all other rows as wide. */
const CELLS_MAX = 80;
const LAST_CELLS_MAX = 400;

/** Rows in columns, two blanks between them; the last column is not padded. Cells are harmless text. */
export function columns(whole: readonly (readonly string[])[]): string {
  const rows = whole.map((row) =>
    row.map((cell, i) => cut(cell, i === row.length - 1 ? LAST_CELLS_MAX : CELLS_MAX))
  );
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, widthOf(cell)));
  }
  return rows.map((row) => {
    const padded = row.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - widthOf(cell)));
    return `${padded.join("  ").trimEnd()}\n`;
  }).join("");
}
