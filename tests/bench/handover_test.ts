/** The scenario `handover`: from times to its tables, and its trials in short. */
import { handoverSections, requestsIn } from "../../bench/scenarios/handover_results.ts";
import { PollingTrial, WaitingTrial } from "../../bench/scenarios/handover_trials.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { commandUnderTest, startProgram } from "../support/server.ts";

Deno.test("there is a row for each trial and each cost, missing times or not", () => {
  const [times, costs] = handoverSections([
    { style: "waiting", departure: "close", waiters: 1000, rounds: [[0.1], [0.2]] },
    { style: "polling", departure: "close", waiters: 1000, rounds: [[0.2], [0.6, 0.6]] },
    { style: "waiting", departure: "kill", waiters: 1000, rounds: [[]] },
  ], [
    { style: "waiting", waiters: 1000, requestsPerSecond: [0, 0], busyPercent: [0, 0] },
    { style: "polling", waiters: 1000, requestsPerSecond: [9876], busyPercent: [20, 40] },
    { style: "polling", waiters: 1, requestsPerSecond: [], busyPercent: [] },
  ]);
  assertEquals(times!.rows.map((row) => row.slice(3)), [
    ["2", "0.20 ms", "0.20 ms", "0.20 ms", "0.15 ms (0.10 ms to 0.20 ms)", ""],
    ["3", "0.60 ms", "0.60 ms", "0.60 ms", "0.40 ms (0.20 ms to 0.60 ms)", "2.50x (2.00 to 3.00)"],
    ["0", "–", "–", "–", "–", ""],
  ]);
  assertEquals(costs!.rows.map((row) => row.slice(2)), [
    ["0", "0.0"],
    ["9,880", "30.0 (20.0 to 40.0)"],
    ["–", "–"],
  ]);
  for (const { header, rows } of [times!, costs!]) {
    for (const row of rows) assertEquals(row.length, header.length);
  }
});

Deno.test("requestsIn() sums the requests of all commands that the server counts", () => {
  const counters = "command_acquire: 3\ncommand_g: 40\nconnections: 7\ninvalid_commands: 2\n";
  assertEquals(requestsIn(counters), 43);
  assertEquals(requestsIn(""), 0);
});

Deno.test("waiting and polling clients take over from a holder that leaves", {
  ignore: Deno.build.os !== "linux", // as the calls of the benchmark's clients
}, async () => {
  await using server = await startProgram(commandUnderTest());
  const { port } = server.tcp;
  {
    using waiting = new WaitingTrial(port, 3);
    // Each checks which client was granted the lock, and what it was told about the last holder.
    for (const departure of ["close", "reset", "ping", "close"] as const) {
      assert(await waiting.handOver(departure) > 0);
    }
  }
  using polling = new PollingTrial(port, 50);
  for (let i = 0; i < 3; i++) assert(await polling.handOver() > 0);
});
