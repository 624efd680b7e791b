/** Reports of benchmarks: statistics at their edges, how values are written, tables and pages. */
import { FigureReport } from "../../bench/report/figures.ts";
import * as format from "../../bench/report/format.ts";
import { markdownOf } from "../../bench/report/page.ts";
import {
  latenciesOf,
  median,
  percentile,
  ratioOf,
  spreadOf,
  withOmitted,
} from "../../bench/report/statistics.ts";
import { addTimes } from "../../bench/scenarios/startup.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

Deno.test("percentile() returns a value that was measured", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => i);
  assertEquals([0, 0.5, 0.999, 1].map((share) => percentile(values, share)), [0, 500, 999, 999]);
  assertEquals(percentile([7], 0.5), 7);
  assertEquals(percentile([], 0.5), 0);
});

Deno.test("median() returns the mean of the middle two of an even number of values", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  assert(Number.isNaN(median([])));
});

Deno.test("latenciesOf() returns the percentiles of sorted latencies", () => {
  const expected = { count: 4, p50Ms: 3, p99Ms: 4, p999Ms: 4, maxMs: 4 };
  assertEquals(latenciesOf([1, 2, 3, 4]), expected);
});

Deno.test("ratioOf() returns the spread of the rounds' ratios without the rounds that failed", () => {
  const [values, baseline] = [[4, 9, 1, undefined, 5], [2, 3, 1, 7, undefined]];
  assertEquals(ratioOf(values, baseline), { median: 2, lowest: 1, highest: 3 });
  assertEquals(ratioOf(values, []), undefined);
  assertEquals(spreadOf([undefined]), undefined);
});

Deno.test("withOmitted() adds the requests that a client would have sent during a pause", () => {
  assertEquals([...withOmitted([1, 12, 5], 5)], [1, 2, 5, 7, 12]);
});

Deno.test("values are written with three significant digits at most", () => {
  assertEquals([0, 7, 96_848, 1_234_567].map(format.rate), ["0", "7", "96,800", "1,230,000"]);
  assertEquals([0.123, 27.94, 133.2].map(format.ms), ["0.12 ms", "27.9 ms", "133 ms"]);
  const spread = { median: 1, lowest: 0.9, highest: 1.1 };
  assertEquals(format.spread(spread), "1.00x (0.90 to 1.10)");
  assertEquals(format.spread({ median: 1, lowest: 1, highest: 1 }), "1.00x");
  assertEquals([format.spread(undefined), format.quantity(NaN, "ms")], ["–", "–"]);
});

Deno.test("a report judges figures with a target, and writes a row for each probe", () => {
  const report = new FigureReport();
  report.add("all free after", 1500, "ms", 1000);
  report.add("closed after", 2, "ms");
  report.addProbe("a pause", Array.from({ length: 1000 }, (_, i) => i === 0 ? 500 : 0.1), 50);
  const [figures, probes] = report.sections();
  assertEquals(figures!.rows, [
    ["all free after", "1500 ms", "≤ 1000 ms", "no"],
    ["closed after", "2.00 ms", "", ""],
    ["a pause: other clients' p99", "0.10 ms", "≤ 50.0 ms", "yes"],
    ["a pause: other clients' longest", "500 ms", "", ""],
  ]);
  assertEquals(probes!.rows, [["a pause", "1,000", "0.10 ms", "0.10 ms", "500 ms", "450 ms"]]);
  assertEquals(new FigureReport().sections().length, 1);
});

Deno.test("starts are compared within a round, and without Redis with nothing", () => {
  const report = new FigureReport();
  addTimes(report, "the source", [30, 80, 20], [10, 20, 10]);
  addTimes(report, "alone", [30], []);
  const rows = report.sections()[0]!.rows.map(([, ...cells]) => cells);
  assertEquals(rows, [
    ["30.0 ms", "", ""],
    ["10.0 ms", "", ""],
    ["3.00x", "≤ 3.00x", "yes"],
    ["30.0 ms", "", ""],
    ["–", "", ""],
    ["–", "≤ 3.00x", ""],
  ]);
});

Deno.test("a page has its environment and a padded table for each section", () => {
  const page = markdownOf({
    title: "Locks",
    command: "deno task bench:run locks",
    environment: ["2026-01-02", "A machine"],
    sections: [
      { header: ["what", "value"], rows: [["size", "1,234"]] },
      { heading: "More", text: "Text.", header: ["a"], rows: [] },
    ],
  });
  assert(page.startsWith("# Locks\n\nWritten by `deno task bench:run locks`;"));
  assertStringIncludes(page, "\n- 2026-01-02\n- A machine\n");
  assertStringIncludes(page, "\n| what | value |\n| ---- | ----- |\n| size | 1,234 |\n");
  assertStringIncludes(page, "\n## More\n\nText.\n\n| a   |\n| --- |\n");
});
