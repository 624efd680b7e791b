/** From reports to medians and ratios, and those as a table, a page and a picture. */
import type { Report } from "../../bench/load/report.ts";
import { entriesOf, linesOf, type Measured } from "../../bench/sockets/compare.ts";
import { markdownOf } from "../../bench/sockets/markdown.ts";
import { type Load, loadsOf, type Row, ROWS, type ServerName } from "../../bench/sockets/rows.ts";
import { svgOf } from "../../bench/sockets/svg.ts";
import { layOut } from "../../bench/sockets/table.ts";
import * as words from "../../bench/sockets/words.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const REPORT: Report = {
  requestsPerSecond: 100_000,
  p50Ms: 1,
  p99Ms: 2,
  p999Ms: 3,
  maxMs: 4,
  grantedPercent: 100,
  loadBusyPercent: 50,
  serverBusyPercent: 99,
};

/** The row with a rate for each round of each load; none for servers that are missing. */
function measuredAs(row: Row, ratesOf: (load: Load) => readonly number[]): Measured {
  const rounds = loadsOf(row).map((load) =>
    ratesOf(load).map((requestsPerSecond) => ({ ...REPORT, requestsPerSecond }))
  );
  return { row, rounds };
}

const RATES: Partial<Record<ServerName, readonly number[]>> = {
  Holdfast: [110, 50, 240],
  Redis: [100, 100, 200],
};
const all = ROWS.map((row) => measuredAs(row, ({ server }) => RATES[server] ?? []));
const CIRCUMSTANCES = {
  date: "2026-01-02",
  rounds: 3,
  seconds: 1,
  cpu: "A <fast> one & more",
  cores: 2,
  kernel: "Linux 6",
  versions: ["Deno 2"],
  notes: ["glockd is not on PATH: skipped"],
};

Deno.test("the ratio is the median of the rounds' ratios, with what it was between", () => {
  const [line] = linesOf(all[0]!);
  assertEquals(line?.ratio, { median: 1.1, lowest: 0.5, highest: 1.2 });
  assertEquals(line?.isMet, true);
  assertEquals(line?.values, new Map([["Holdfast", 110], ["Redis", 100]]));
});

Deno.test("latencies are to be low: p99.9 beside Redis', the longest beside the median", () => {
  const figures = all.flatMap(linesOf).filter(({ figure }) => figure !== "rate");
  assertEquals(figures.map(({ figure }) => figure), ["p99.9", "spread"]);
  assertEquals(figures.map(({ ratio }) => ratio?.median), [1, 4]);
  assertEquals(figures.map(({ isMet }) => isMet), [true, false]);
});

Deno.test("a round that has failed is left out, and so is a row without its yardstick", () => {
  const row = ROWS[0]!;
  const rounds = [[undefined, REPORT], [REPORT, { ...REPORT, requestsPerSecond: 50_000 }], [], []];
  assertEquals(linesOf({ row, rounds })[0]?.ratio?.median, 2);
  const alone = measuredAs(row, ({ server }) => server === "Holdfast" ? [1] : []);
  assertEquals(linesOf(alone)[0]?.isMet, undefined);
  assertEquals(entriesOf(alone).map(({ load }) => load.server), ["Holdfast"]);
});

Deno.test("figures are short", () => {
  assertEquals([0, 7, 96_848, 1_234_567].map(words.rate), ["0", "7", "96,800", "1,230,000"]);
  assertEquals([0.123, 27.94, 133.2].map(words.ms), ["0.12 ms", "27.9 ms", "133 ms"]);
  assertEquals(words.ratio({ median: 1, lowest: 0.9, highest: 1.1 }), "1.00x (0.90 to 1.10)");
  assertEquals([null, NaN, 98.4].map(words.percent), ["–", "–", "98 %"]);
});

Deno.test("the table has colour only where it is wanted", () => {
  const lines = all.flatMap(linesOf);
  assertEquals(layOut(lines, { hasColour: false }).includes("\x1b"), false);
  assertEquals(layOut(lines, { hasColour: true }).split("\x1b[").length, 2 * lines.length + 1);
});

Deno.test("the page has a row for each target and for each load", () => {
  const page = markdownOf(all, CIRCUMSTANCES);
  const tables = page.split("\n").filter((line) => line.startsWith("|"));
  const count = all.flatMap(linesOf).length + all.flatMap(entriesOf).length;
  assertEquals(tables.length, count + 4); // two headers, two rules
  assertStringIncludes(page, "\n- 2026-01-02\n");
  assertStringIncludes(page, "glockd is not on PATH: skipped");
});

/** Whether every element is closed where it must be, and no other `<` or `&` stands about. */
function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g,
    (_, end, name, _attributes, empty) => {
      if (end === "/") return open.pop() === name ? "" : "<";
      if (empty === "") open.push(name);
      return "";
    },
  );
  return open.length === 0 && !/[<]|&(?!amp;|lt;|gt;)/.test(rest);
}

Deno.test("the picture is well-formed, says what it shows, and stays within its frame", () => {
  const svg = svgOf(all, ["A <fast> one & more"]);
  assert(isWellFormed(svg));
  assertEquals(isWellFormed(svg.replace("</desc>", "")), false);
  assertStringIncludes(svg, "A &lt;fast&gt; one &amp; more");
  assertStringIncludes(svg, "TCP, 50 connections, in proportion to Redis: Holdfast 1.10x");
  const ends = [...svg.matchAll(/<rect class="[A-Z]\w+" x="([\d.]+)" .*?width="([\d.]+)"/g)];
  assert(ends.length > 0);
  assert(ends.every(([, x, width]) => Number(x) + Number(width) < 860));
  assertEquals(/NaN|undefined|Infinity/.test(svg), false);
});

Deno.test("nothing measured is still a page and a picture", () => {
  const none = ROWS.map((row) => measuredAs(row, () => []));
  assert(isWellFormed(svgOf(none, [])));
  assertEquals(/NaN|undefined/.test(markdownOf(none, CIRCUMSTANCES)), false);
});
