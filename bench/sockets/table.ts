/** The table of all targets as rows of cells, and that laid out for a terminal. Pure. */
import type { Line } from "./compare.ts";
import { SERVERS } from "./rows.ts";
import * as words from "./words.ts";

export const HEADER: readonly string[] = [
  "requests a second",
  ...SERVERS,
  "compared with",
  "ratio",
  "target",
  "met",
];

export function cellsOf(line: Line): readonly string[] {
  return [
    words.title(line),
    ...SERVERS.map((server) => words.figure(line.figure, line.values.get(server))),
    line.against,
    words.ratio(line.ratio),
    words.target(line),
    words.verdict(line),
  ];
}

/** In columns: words to the left, figures to the right. */
export function layOut(lines: readonly Line[], options: { readonly hasColour: boolean }): string {
  const rows = [HEADER, ...lines.map(cellsOf)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isFigure = (column: number) => column >= 1 && column <= SERVERS.length;
  const text = rows.map((row) =>
    row.map((cell, i) => isFigure(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ").trimEnd()
  );
  if (!options.hasColour) return text.join("\n");
  return text.map((row, i) => paint(row, lines[i - 1]?.isMet)).join("\n");
}

/** Green where the target is met, red where not. */
function paint(text: string, isMet: boolean | undefined): string {
  return isMet === undefined ? text : `\x1b[${isMet ? 32 : 31}m${text}\x1b[0m`;
}
