/**
 * Text for terminals: escapes names that other clients chose; measures, truncates and aligns text.
 * Pure. The table of wide characters lives here because the npm copy of @std/cli has
 * `unicodeWidth`, but not the data that it needs.
 */
import { padColumns } from "../columns.ts";

/** Characters that a terminal may act on, or that reorder a line: C0, C1, bidi controls, marks. */
const CONTROL =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** Characters two cells wide. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;
/** Characters that are drawn over the character before them. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Returns the text with characters that a terminal may act on escaped, as \x1b or \u202e. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL, hexOf).replace(LONE_SURROGATE, hexOf);
}

function hexOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

function cellWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Returns how many terminal cells an escaped text occupies. */
export function widthOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellWidth(character);
  return cells;
}

/** Returns the text in at most `cells` cells; an ellipsis replaces the end that does not fit. */
export function truncate(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = "";
  let remaining = cells - 1;
  for (const character of text) {
    remaining -= cellWidth(character);
    if (remaining < 0) break;
    kept += character;
  }
  return cells < 1 ? "" : `${kept}…`;
}

/** Limits names, which may be as long as a protocol line and would widen all other rows. */
const CELLS_MAX = 80;
const LAST_CELLS_MAX = 400;

/** Returns rows as aligned lines, with two blanks between columns. Cells must be escaped text. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const truncated = rows.map((row) =>
    row.map((cell, i) => truncate(cell, i === row.length - 1 ? LAST_CELLS_MAX : CELLS_MAX))
  );
  return padColumns(truncated, widthOf)
    .map((cells) => `${cells.join("  ").trimEnd()}\n`).join("");
}
