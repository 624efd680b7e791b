/** Single figures, some with a target, and the latency that other clients saw meanwhile. Pure. */
import * as format from "./format.ts";
import type { Section } from "./page.ts";
import { latenciesOf, percentile, withOmitted } from "./statistics.ts";

/** How many clients the latency probe has, and how often one of them sends. */
export const PROBE_CLIENTS = 10;
export const PROBE_INTERVAL_MS = 0.5;

const HOW = `${PROBE_CLIENTS} connections of another process acquire and release a lock each, in a
closed loop: every ${PROBE_INTERVAL_MS} ms one of those that await no reply sends a request. A pause
of the server counts once for each client that waits; the last column is p99 corrected for
coordinated omission, as if every client had sent on time.`;

export class FigureReport {
  readonly #figures: string[][] = [];
  readonly #probes: string[][] = [];

  /** @param bound the highest value that meets the target; undefined for a figure without one */
  add(name: string, value: number, unit: format.Unit, bound?: number): void {
    const target = bound === undefined ? "" : `≤ ${format.quantity(bound, unit)}`;
    const isJudged = bound !== undefined && !Number.isNaN(value);
    const verdict = isJudged ? format.verdict(value <= bound) : "";
    this.#figures.push([name, format.quantity(value, unit), target, verdict]);
  }

  /**
   * Adds what the clients of the probe saw while something happened.
   *
   * @param boundMs the highest p99 that meets the target; undefined without one
   */
  addProbe(during: string, latenciesMs: readonly number[], boundMs?: number): void {
    const { count, p50Ms, p99Ms, maxMs } = latenciesOf(Float64Array.from(latenciesMs).sort());
    const corrected = withOmitted(latenciesMs, PROBE_CLIENTS * PROBE_INTERVAL_MS);
    const times = [p50Ms, p99Ms, maxMs, percentile(corrected, 0.99)].map(format.ms);
    this.#probes.push([during, format.count(count), ...times]);
    this.add(`${during}: other clients' p99`, p99Ms, "ms", boundMs);
    this.add(`${during}: other clients' longest`, maxMs, "ms");
  }

  /** Returns a table of all figures, and one of all probes if there are any. */
  sections(): Section[] {
    const probes = {
      heading: "Other clients meanwhile",
      text: HOW,
      header: ["during", "samples", "p50", "p99", "longest", "corrected p99"],
      rows: this.#probes,
    };
    const header = ["measured", "figure", "target", "met"];
    return [{ header, rows: this.#figures }, ...this.#probes.length > 0 ? [probes] : []];
  }
}
