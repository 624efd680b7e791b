/** Statistics of measured values: percentiles, medians, and the spread of several rounds. Pure. */

/** Returns the value at a share (0 to 1) of the sorted values; 0 when there are none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[at] ?? 0;
}

/** Returns the middle value, or the mean of the two middle ones; NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half]!;
  return (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The median of some values, and their lowest and highest. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A value for each round; undefined where the round failed. */
export type Rounds = readonly (number | undefined)[];

/** Returns undefined when there is no value at all. */
export function spreadOf(values: Rounds): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return { median: median(known), lowest: Math.min(...known), highest: Math.max(...known) };
}

/**
 * Returns the spread of the ratios within each round. It is the median of ratios, not the ratio of
 * medians: two runs next to each other have suffered the same neighbours on the machine.
 */
export function ratioOf(values: Rounds, baseline: Rounds): Spread | undefined {
  return spreadOf(values.map((value, round) => {
    const base = baseline[round];
    return value === undefined || base === undefined ? undefined : value / base;
  }));
}

export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** @param sorted latencies in milliseconds */
export function latenciesOf(sorted: ArrayLike<number>): Latencies {
  return {
    count: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    p999Ms: percentile(sorted, 0.999),
    maxMs: percentile(sorted, 1),
  };
}

/**
 * Corrects latencies for coordinated omission. A client that awaits a reply sends nothing, so a long
 * pause of the server counts as one latency among many. Adds what requests in between, one for each
 * interval, would have waited for. Returns them sorted.
 */
export function withOmitted(latencies: readonly number[], intervalMs: number): Float64Array {
  const all = [...latencies];
  for (const latency of latencies) {
    for (let rest = latency - intervalMs; rest > 0; rest -= intervalMs) all.push(rest);
  }
  return Float64Array.from(all).sort();
}
