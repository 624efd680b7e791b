/** Hand-overs: from their times to figures, those as a page, and the benchmark itself in short. */
import {
  ratioOf,
  requestsOf,
  spreadOf,
  summaryOf,
  type Times,
  type Trial,
} from "../../bench/handover/figures.ts";
import { Line } from "../../bench/handover/line.ts";
import { markdownOf, terminalText } from "../../bench/handover/page.ts";
import { Polling } from "../../bench/handover/polling.ts";
import { openCalls } from "../../bench/load/calls.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { commandUnderTest, startProgram } from "../support/server.ts";

const WAITING: Trial = { style: "waiting", way: "close", waiters: 1000 };
const POLLING: Trial = { style: "polling", way: "close", waiters: 1000 };
const KILLED: Trial = { style: "waiting", way: "kill", waiters: 1000 };

Deno.test("a summary is of all rounds together, and tells between what their medians were", () => {
  assertEquals(summaryOf([[3, 1, 2], [10, 30, 20], []]), {
    count: 6,
    p50Ms: 6.5,
    p99Ms: 30,
    maxMs: 30,
    lowestMs: 2,
    highestMs: 20,
  });
  assertEquals(summaryOf([[], []]), undefined);
});

Deno.test("the ratio is the median of the rounds' ratios; a round that is missing is left out", () => {
  const times: Times = { trial: POLLING, rounds: [[4], [9, 9], [1], []] };
  const base: Times = { trial: WAITING, rounds: [[2], [1, 3, 5], [1], [7]] };
  assertEquals(ratioOf(times, base), { median: 2, lowest: 1, highest: 3 });
  assertEquals(ratioOf(times, { trial: WAITING, rounds: [] }), undefined);
  assertEquals(spreadOf([]), undefined);
});

Deno.test("page and terminal have a row for each trial and each cost, missing figures or not", () => {
  const results = {
    times: [
      { trial: WAITING, rounds: [[0.1], [0.2]] },
      { trial: POLLING, rounds: [[0.2], [0.6]] },
      { trial: KILLED, rounds: [] },
    ],
    costs: [
      { style: "waiting", waiters: 1000, requestsPerSecond: [0, 0], busyPercent: [0, 0] },
      { style: "polling", waiters: 1000, requestsPerSecond: [9876], busyPercent: [20, 40] },
    ],
  } as const;
  const page = markdownOf(results, ["2026-01-02", "A machine"]);
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  assertEquals(rows.length, 3 + 2 + 2 * 2);
  assertStringIncludes(page, "| 2.50x (2.00 to 3.00)");
  assertStringIncludes(page, "30.0 % of a core (20.0 to 40.0)");
  assertStringIncludes(page, "\n- 2026-01-02\n- A machine\n");
  const text = terminalText(results);
  for (const all of [page, text]) assertEquals(/NaN|undefined|Infinity/.test(all), false);
  assertStringIncludes(text, "9,880");
});

Deno.test("requests are those of all commands, as the server counts them", () => {
  const counters = "command_acquire: 3\ncommand_g: 40\nconnections: 7\ninvalid_commands: 2\n";
  assertEquals(requestsOf(counters), 43);
  assertEquals(requestsOf(""), 0);
});

const isLinux = Deno.build.os === "linux";

Deno.test("a line hands on, and a crowd that polls finds what is free", {
  ignore: !isLinux, // as the benchmark's own calls
}, async () => {
  await using server = await startProgram(commandUnderTest());
  const { port } = server.tcp;
  const calls = openCalls();
  {
    using line = new Line(calls, port, 3);
    // Each checks who was granted, and that it was told of the death before it.
    for (const way of ["close", "reset", "ping", "close"] as const) assert(await line.die(way) > 0);
  }
  using crowd = new Polling(calls, port, 50);
  for (let i = 0; i < 3; i++) assert(crowd.die() > 0);
});
