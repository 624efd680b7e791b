/** The edges: from latencies, sizes of memory and starts to figures, and those as a page. */
import { figureCells, isMet, type Outcome, waitOf } from "../../bench/extremes/figures.ts";
import { isSettled, residentBytesOf } from "../../bench/extremes/memory.ts";
import { markdownOf, terminalText } from "../../bench/extremes/page.ts";
import { type Probe, probeOf, withMissed } from "../../bench/extremes/probe.ts";
import { figuresOf } from "../../bench/extremes/start.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const PROBE: Probe = { samples: 1234, p50Ms: 1, p99Ms: 2, maxMs: 30, onTimeP99Ms: 4 };
const OUTCOMES: readonly Outcome[] = [{
  scenario: "reset",
  figures: [
    { what: "all free after", value: 1500, unit: "ms", bound: 1000 },
    { what: "closed after", value: 2, unit: "ms" },
    ...waitOf({ during: "5 are reset", probe: PROBE }, 50),
  ],
  meanwhile: [{ during: "5 are reset", probe: PROBE }],
}];

Deno.test("a probe tells the order of latencies, whatever came first", () => {
  const { samples, p50Ms, p99Ms, maxMs } = probeOf(Float64Array.of(3, 1, 2));
  assertEquals([samples, p50Ms, p99Ms, maxMs], [3, 2, 3, 3]);
  assertEquals(probeOf(new Float64Array()).maxMs, 0);
});

Deno.test("a pause counts for each request that would have been made in it", () => {
  assertEquals([...withMissed(Float64Array.of(1, 12, 5), 5)], [1, 2, 5, 7, 12]);
  const pause = Float64Array.from({ length: 1000 }, (_, i) => i === 0 ? 500 : 0.1);
  assertEquals(probeOf(pause).p99Ms, 0.1);
  assert(probeOf(pause).onTimeP99Ms > 100);
});

Deno.test("memory is read in bytes, by its own name", () => {
  const status = "VmPeak:\t 9 kB\nVmHWM:\t    20 kB\nVmRSS:\t    12 kB\nRssAnon:\t 1 kB\n";
  assertEquals(residentBytesOf(status, "VmRSS"), 12 * 1024);
  assertEquals(residentBytesOf(status, "VmHWM"), 20 * 1024);
  assert(Number.isNaN(residentBytesOf("", "VmRSS")));
});

Deno.test("memory is settled when it has been alike for a while", () => {
  assertEquals(isSettled([1000, 1000, 1000]), false);
  assertEquals(isSettled([5000, 1000, 1001, 1000, 1002, 1000, 1001]), true);
  assertEquals(isSettled([1000, 1000, 1000, 1000, 1000, 1006]), false);
});

Deno.test("starts are compared pair by pair, and without Redis not at all", () => {
  const pairs = [[30, 10], [80, 20], [20, 10]].map(([oursMs, theirsMs]) => ({
    oursMs: oursMs!,
    theirsMs,
  }));
  const figures = figuresOf("the source", pairs);
  assertEquals(figures.map(({ value }) => value), [30, 10, 3]);
  assertEquals(figures.map(isMet), [undefined, undefined, true]);
  const alone = figuresOf("the source", [{ oursMs: 30, theirsMs: undefined }]);
  assertEquals(alone.map(isMet), [undefined, undefined, undefined]);
  assertEquals(figureCells("start", alone[2]!).slice(2), ["–", "≤ 3.00x", ""]);
});

Deno.test("the page and the terminal tell every figure, its target and whether it is met", () => {
  const page = markdownOf(OUTCOMES, ["2026-01-02", "A machine"]);
  const rows = page.split("\n").filter((line) => line.startsWith("| reset"));
  assertEquals(rows.map((row) => row.split("|")[5]!.trim()), ["no", "", "yes", ""]);
  assertStringIncludes(page, "\n- 2026-01-02\n- A machine\n");
  assertStringIncludes(page, "| 5 are reset          | 1,234   |");
  const text = terminalText(OUTCOMES, false);
  assertEquals(text.includes("\x1b"), false);
  assertEquals(terminalText(OUTCOMES, true).split("\x1b[").length, 2 * 2 + 1);
  for (const { what } of OUTCOMES[0]!.figures) assertStringIncludes(text, what);
});
