/** What the load generator tells whoever started it: one line of JSON. */
import { percentile } from "../figures.ts";

export interface Report {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly grantedPercent: number;
  /** Of one core, in the time that was measured: the generator itself, and the server. */
  readonly loadBusyPercent: number;
  readonly serverBusyPercent: number | null;
}

/** Latencies in milliseconds, in order. */
export function latencyFigures(
  sorted: ArrayLike<number>,
): Pick<Report, "p50Ms" | "p99Ms" | "p999Ms" | "maxMs"> {
  return {
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    p999Ms: percentile(sorted, 0.999),
    maxMs: percentile(sorted, 1),
  };
}
