/** Percentiles and medians, at their edges. */
import { median, percentile } from "../../bench/figures.ts";
import { latencyFigures } from "../../bench/load/report.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("a percentile is a value that was there", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => i);
  assertEquals([0, 0.5, 0.999, 1].map((share) => percentile(values, share)), [0, 500, 999, 999]);
  assertEquals(percentile([7], 0.5), 7);
  assertEquals(percentile([], 0.5), 0);
});

Deno.test("a median is between two when there are as many above as below", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  assert(Number.isNaN(median([])));
});

Deno.test("latencies become four figures", () => {
  assertEquals(latencyFigures([1, 2, 3, 4]), { p50Ms: 3, p99Ms: 4, p999Ms: 4, maxMs: 4 });
});
