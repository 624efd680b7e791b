/** The scenario `sockets`: from reports to its two tables. */
import type { LoadReport } from "../../bench/load/main.ts";
import {
  loadRows,
  type Measured,
  socketSections,
  targetRows,
} from "../../bench/scenarios/sockets_results.ts";
import { type Load, type Row, ROWS } from "../../bench/scenarios/sockets_rows.ts";
import { assertEquals } from "../support/assert.ts";

const REPORT: LoadReport = {
  count: 1000,
  requestsPerSecond: 100_000,
  p50Ms: 1,
  p99Ms: 2,
  p999Ms: 3,
  maxMs: 4,
  grantedPercent: 100,
  generatorBusyPercent: 50,
  serverBusyPercent: 99,
};
const RATES: Readonly<Record<string, readonly number[]>> = {
  Holdfast: [110, 50, 240],
  Redis: [100, 100, 200],
};

/** Returns a row with a rate for each round of each load. */
function measured(row: Row, ratesOf: (load: Load) => readonly number[]): Measured {
  const rounds = row.loads.map((load) =>
    ratesOf(load).map((requestsPerSecond) => ({ ...REPORT, requestsPerSecond }))
  );
  return { row, rounds };
}

const ALL = ROWS.map((row) => measured(row, ({ server }) => RATES[server] ?? []));

Deno.test("a target's row has each server's median, and the median of the rounds' ratios", () => {
  const [row] = targetRows(ALL[0]!);
  const cells = ["TCP, 50 connections", "110", "100", "–", "–"];
  assertEquals(row, [...cells, "Redis", "1.10x (0.50 to 1.20)", "≥ 1.00x", "yes"]);
});

Deno.test("p99.9 is compared with Redis, the longest latency with the median; both are to be low", () => {
  const rows = ALL.flatMap(targetRows).filter(([title]) => /p99\.9|longest/.test(title!));
  assertEquals(rows.map((row) => row.slice(-3)), [
    ["1.00x", "≤ 1.20x", "yes"],
    ["4.00x", "≤ 3.00x", "no"],
  ]);
});

Deno.test("a round that failed is left out, and a row without its baseline is not judged", () => {
  const row = ROWS[0]!;
  const rounds = [[undefined, REPORT], [REPORT, { ...REPORT, requestsPerSecond: 50_000 }], [], []];
  assertEquals(targetRows({ row, rounds })[0]?.at(-3), "2.00x");
  const alone = measured(row, ({ server }) => server === "Holdfast" ? [1] : []);
  assertEquals(targetRows(alone)[0]?.at(-1), "–");
  assertEquals(loadRows(alone).map(([, server]) => server), ["Holdfast"]);
});

Deno.test("the plain load beside a row of Holdfast's own is named as such", () => {
  const row = ROWS.find(({ title }) => title.startsWith("WebSocket"))!;
  const rows = loadRows(measured(row, () => [1]));
  assertEquals(rows.map(([title]) => title), [
    "WebSocket, 50 connections",
    "WebSocket, 50 connections: plain TCP beside it",
    "WebSocket, 50 connections",
  ]);
});

Deno.test("the tables have no missing cells, whether measured or not", () => {
  for (const all of [ALL, ROWS.map((row) => measured(row, () => []))]) {
    for (const { header, rows } of socketSections(all)) {
      for (const row of rows) assertEquals(row.length, header.length);
      assertEquals(/NaN|undefined|Infinity/.test(rows.join()), false);
    }
  }
});
