/** How figures are written, in the terminal, in Markdown and in the picture alike. Pure. */
import { isLatency, type Line, type Ratio } from "./compare.ts";
import type { Target } from "./rows.ts";

/** Where a figure is missing. */
export const NONE = "–";

/** Three digits that count, thousands parted: "96,800". */
export function rate(value: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 2);
  return (Math.round(value / step) * step).toLocaleString("en");
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

export function percent(value: number | null): string {
  return value === null || Number.isNaN(value) ? NONE : `${Math.round(value)} %`;
}

export function times(value: number): string {
  return `${value.toFixed(2)}x`;
}

/** The median, and between what the rounds were when there was more than one. */
export function ratio(value: Ratio | undefined): string {
  if (value === undefined) return NONE;
  const range = value.lowest === value.highest
    ? ""
    : ` (${value.lowest.toFixed(2)} to ${value.highest.toFixed(2)})`;
  return times(value.median) + range;
}

export function figure(kind: Target["figure"], value: number | undefined): string {
  if (value === undefined) return NONE;
  if (kind === "rate") return rate(value);
  return kind === "p99.9" ? ms(value) : times(value);
}

export function target({ figure, bound }: Pick<Line, "figure" | "bound">): string {
  return `${isLatency(figure) ? "≤" : "≥"} ${times(bound)}`;
}

export function verdict({ isMet }: Pick<Line, "isMet">): string {
  return isMet === undefined ? NONE : isMet ? "yes" : "no";
}

/** The title of a line, with what it looks at unless that is the rate. */
export function title(line: Pick<Line, "title" | "figure">): string {
  const what = { rate: "", "p99.9": ": p99.9", spread: ": longest to median latency" };
  return line.title + what[line.figure];
}
