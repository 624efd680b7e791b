/** From the times of many hand-overs to a few figures. Pure. */
import { median, percentile } from "../figures.ts";

/**
 * How a holder can die: its connection is closed, or reset, or its process is killed. Beside them a
 * mere request to a server that slept as long: what is more than that, the death takes.
 */
export type Way = Death | "ping";
export type Death = "close" | "reset" | "kill";
/** How the others learn that the lock is free: the server tells them, or they ask for it. */
export type Style = "waiting" | "polling";

export interface Trial {
  readonly style: Style;
  readonly way: Way;
  /** How many wait behind the holder. */
  readonly waiters: number;
}

/** A trial, and what each of its rounds has brought, in milliseconds. */
export interface Times {
  readonly trial: Trial;
  readonly rounds: readonly (readonly number[])[];
}

/** What a crowd costs the server while nobody dies, a figure for each round. */
export interface Cost {
  readonly style: Style;
  readonly waiters: number;
  readonly requestsPerSecond: readonly number[];
  /** Of one core. */
  readonly busyPercent: readonly number[];
}

export interface Summary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Between what the medians of the rounds were. */
  readonly lowestMs: number;
  readonly highestMs: number;
}

/** Of all rounds together; undefined when there was nothing. */
export function summaryOf(rounds: Times["rounds"]): Summary | undefined {
  const all = rounds.flat().sort((a, b) => a - b);
  if (all.length === 0) return undefined;
  const medians = rounds.filter((round) => round.length > 0).map(median);
  return {
    count: all.length,
    p50Ms: median(all),
    p99Ms: percentile(all, 0.99),
    maxMs: percentile(all, 1),
    lowestMs: Math.min(...medians),
    highestMs: Math.max(...medians),
  };
}

/** How many times as long as in `base` it takes by the median, round by round. */
export function ratioOf(times: Times, base: Times): Spread | undefined {
  const ratios = times.rounds.flatMap((round, i) => {
    const other = base.rounds[i] ?? [];
    return round.length === 0 || other.length === 0 ? [] : [median(round) / median(other)];
  });
  return spreadOf(ratios);
}

/** How many requests the server's counters tell of. */
export function requestsOf(counters: string): number {
  const counts = counters.matchAll(/^command_\S+: (\d+)/gm);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The median of some figures, and between what they were. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return { median: median(values), lowest, highest };
}
