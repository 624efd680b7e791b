/** The results for the terminal, and as a page of Markdown. Pure; nothing in it names a machine, a path or a user. */
import { markdownList, markdownTable, paint, textTable } from "../tables.ts";
import {
  type Figure,
  figureCells,
  FIGURES_HEADER,
  isMet,
  MEANWHILE_HEADER,
  meanwhileCells,
  type Outcome,
} from "./figures.ts";
import { PACE_MS, PROBERS } from "./probe.ts";

const FIGURE_COLUMN = 2;

export function terminalText(outcomes: readonly Outcome[], hasColour: boolean): string {
  const lines = linesOf(outcomes);
  const isFigure = (column: number) => column === FIGURE_COLUMN;
  const text = textTable(FIGURES_HEADER, lines.map(cellsOf), isFigure);
  const painted = hasColour ? text.map((row, i) => paint(row, met(lines[i - 1]))) : text;
  const others = outcomes.flatMap(({ meanwhile }) => meanwhile.map(meanwhileCells));
  const waits = others.length === 0 ? [] : textTable(MEANWHILE_HEADER, others, (at) => at > 0);
  return [...painted, "", ...waits].join("\n").trimEnd();
}

/** @param around when, where and with what it was measured, and what was left out. */
export function markdownOf(outcomes: readonly Outcome[], around: readonly string[]): string {
  return [
    "# At the edges",
    "Written by `deno task bench:extremes`; the next run replaces it.",
    markdownTable(FIGURES_HEADER, linesOf(outcomes).map(cellsOf)),
    markdownList(around),
    "## Other clients meanwhile",
    HOW,
    markdownTable(
      MEANWHILE_HEADER,
      outcomes.flatMap(({ meanwhile }) => meanwhile.map(meanwhileCells)),
    ),
  ].join("\n\n") + "\n";
}

const HOW = [
  `${PROBERS} connections of another process take a lock each and give it back, in a closed loop: one`,
  `of those that wait for nothing asks every ${PACE_MS} ms. A pause of the server counts once for each that`,
  "waits; the last column is p99 had each asked on time all the same.",
].join("\n");

interface Line {
  readonly scenario: string;
  readonly figure: Figure;
}

function linesOf(outcomes: readonly Outcome[]): Line[] {
  return outcomes.flatMap(({ scenario, figures }) =>
    figures.map((figure) => ({ scenario, figure }))
  );
}

function cellsOf({ scenario, figure }: Line): readonly string[] {
  return figureCells(scenario, figure);
}

function met(line: Line | undefined): boolean | undefined {
  return line && isMet(line.figure);
}
