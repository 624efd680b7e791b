/** What other clients had to wait for meanwhile: from latencies to a few figures. Pure. */
import { percentile } from "../figures.ts";

/** How many connections the prober has, and how often one of those that wait for nothing asks. */
export const PROBERS = 10;
export const PACE_MS = 0.5;

export interface Probe {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** p99 had everybody asked on time, also while a reply was awaited. */
  readonly onTimeP99Ms: number;
}

export function probeOf(latencies: Float64Array): Probe {
  const sorted = latencies.toSorted();
  return {
    samples: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: percentile(sorted, 1),
    onTimeP99Ms: percentile(withMissed(sorted, PROBERS * PACE_MS), 0.99),
  };
}

/**
 * Whoever waits for a reply asks nothing, so that a long pause counts as one latency among many. Adds
 * what requests in between, one each interval, would have waited for. In order.
 */
export function withMissed(latencies: Float64Array, intervalMs: number): Float64Array {
  const all = [...latencies];
  for (const latency of latencies) {
    for (let rest = latency - intervalMs; rest > 0; rest -= intervalMs) all.push(rest);
  }
  return Float64Array.from(all).sort();
}
