/**
 * From the reports of all rounds to what is told: medians, and ratios within a round. Pure.
 *
 * The median of the rounds' ratios, not the ratio of medians: two runs next to each other have
 * suffered the same neighbours.
 */
import { median } from "../figures.ts";
import type { Report } from "../load/report.ts";
import {
  type Load,
  loadsOf,
  type Row,
  type ServerName,
  type Target,
  titleOf,
  yardstickOf,
} from "./rows.ts";

/** One for each round; undefined where the server is missing or the run has failed. */
export type Rounds = readonly (Report | undefined)[];

export interface Measured {
  readonly row: Row;
  /** In the order of `loadsOf`. */
  readonly rounds: readonly Rounds[];
}

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** One target, and how near it was. */
export interface Line {
  readonly title: string;
  readonly figure: Target["figure"];
  /** What the ratio is to, as a reader calls it. */
  readonly against: string;
  readonly bound: number;
  /** The figure of each server that has one: a rate, milliseconds, or a ratio of latencies. */
  readonly values: ReadonlyMap<ServerName, number>;
  readonly ratio: Ratio | undefined;
  readonly isMet: boolean | undefined;
}

/** One load, as the median round shows it. */
export interface Entry {
  readonly title: string;
  readonly load: Load;
  readonly report: Report;
  /** Of its rate to the yardstick's. */
  readonly ratio: Ratio | undefined;
}

/** Whether less is better. */
export function isLatency(figure: Target["figure"]): boolean {
  return figure !== "rate";
}

/** A line for each target. */
export function linesOf({ row, rounds }: Measured): readonly Line[] {
  return row.targets.map(({ figure, bound }) => {
    const ratio = figure === "spread"
      ? rangeOf(rounds[0]!.map((report) => valueOf(report, figure)))
      : ratioOf(rounds[0]!, rounds[1]!, figure);
    const isMet = ratio && isReached(ratio.median, { figure, bound });
    const values = new Map<ServerName, number>();
    for (const [i, load] of loadsOf(row).entries()) {
      const value = middle(rounds[i]!.map((report) => valueOf(report, figure)));
      if (value !== undefined && !values.has(load.server)) values.set(load.server, value);
    }
    return {
      title: row.title,
      figure,
      against: againstOf(row, figure),
      bound,
      values,
      ratio,
      isMet,
    };
  });
}

/** Judged as it is shown: the third digit is noise. */
function isReached(ratio: number, { figure, bound }: Target): boolean {
  const shown = Math.round(ratio * 100) / 100;
  return isLatency(figure) ? shown <= bound : shown >= bound;
}

/** An entry for each load that has run at all. */
export function entriesOf({ row, rounds }: Measured): readonly Entry[] {
  return loadsOf(row).flatMap((load, i) => {
    const reports = rounds[i]!.filter((report) => report !== undefined);
    if (reports.length === 0) return [];
    const ratio = ratioOf(rounds[i]!, rounds[1]!, "rate");
    return [{ title: titleOf(row, load), load, report: medianReport(reports), ratio }];
  });
}

function againstOf(row: Row, figure: Target["figure"]): string {
  return figure === "spread" ? "its own median" : yardstickOf(row);
}

function valueOf(report: Report | undefined, figure: Target["figure"]): number | undefined {
  if (report === undefined) return undefined;
  if (figure === "rate") return report.requestsPerSecond;
  return figure === "p99.9" ? report.p999Ms : report.maxMs / report.p50Ms;
}

function ratioOf(ours: Rounds, theirs: Rounds, figure: Target["figure"]): Ratio | undefined {
  return rangeOf(ours.map((report, round) => {
    const [above, below] = [valueOf(report, figure), valueOf(theirs[round], figure)];
    return above === undefined || below === undefined ? undefined : above / below;
  }));
}

function rangeOf(values: readonly (number | undefined)[]): Ratio | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return { median: median(known), lowest: Math.min(...known), highest: Math.max(...known) };
}

function middle(values: readonly (number | undefined)[]): number | undefined {
  return rangeOf(values)?.median;
}

/** Each figure's own median. */
function medianReport(reports: readonly Report[]): Report {
  const of = (pick: (report: Report) => number) => median(reports.map(pick));
  return {
    requestsPerSecond: of((report) => report.requestsPerSecond),
    p50Ms: of((report) => report.p50Ms),
    p99Ms: of((report) => report.p99Ms),
    p999Ms: of((report) => report.p999Ms),
    maxMs: of((report) => report.maxMs),
    grantedPercent: of((report) => report.grantedPercent),
    loadBusyPercent: of((report) => report.loadBusyPercent),
    serverBusyPercent: of((report) => report.serverBusyPercent ?? NaN),
  };
}
