/** The table of all targets as rows of cells, and that laid out for a terminal. Pure. */
import { paint, textTable } from "../tables.ts";
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
  const isFigure = (column: number) => column >= 1 && column <= SERVERS.length;
  const text = textTable(HEADER, lines.map(cellsOf), isFigure);
  if (!options.hasColour) return text.join("\n");
  return text.map((row, i) => paint(row, lines[i - 1]?.isMet)).join("\n");
}
