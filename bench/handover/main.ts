// deno-lint-ignore-file no-console -- a benchmark prints its table
/**
 * How long it takes from the death of a holder to the next one's grant, for those who wait and for
 * those who poll, and what both cost the server. Linux only; needs bash for holders to be killed.
 *
 *     deno task bench:handover            some two minutes; writes bench/results/handover.md
 *     deno task bench:handover --quick    one short round of few, for a look; writes nothing
 *     --out FOLDER                        writes there, in any case
 *
 * One server, started as a user would; the trials take turns, round by round. See page.ts for what
 * the figures contain.
 */
import { parseArgs } from "node:util";
import { busySeconds } from "../load/busy.ts";
import { type Calls, openCalls } from "../load/calls.ts";
import { cpuModel, kernel, runtimes } from "../sockets/machine.ts";
import { type Server, Servers } from "../sockets/servers.ts";
import { Talk } from "../extremes/talk.ts";
import { runUntilSignal } from "../interruptible.ts";
import { type Cost, requestsOf, type Style, type Times, type Trial } from "./figures.ts";
import { Line, rest } from "./line.ts";
import { markdownOf, type Results, terminalText } from "./page.ts";
import { Polling } from "./polling.ts";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean", default: false }, out: { type: "string" } },
});
const sizes = flags.quick
  ? { rounds: 1, deaths: 20, crowd: 100, costMs: 500 }
  : { rounds: 5, deaths: 60, crowd: 1_000, costMs: 2_000 };
const results = new URL("../results", import.meta.url).pathname;
const out = flags.out ?? (flags.quick ? undefined : results);

const TRIALS: readonly Trial[] = [
  { style: "waiting", way: "close", waiters: sizes.crowd },
  { style: "waiting", way: "reset", waiters: sizes.crowd },
  { style: "waiting", way: "kill", waiters: sizes.crowd },
  { style: "polling", way: "close", waiters: sizes.crowd },
  { style: "waiting", way: "ping", waiters: sizes.crowd },
  { style: "waiting", way: "close", waiters: 1 },
  { style: "polling", way: "close", waiters: 1 },
];

/** What it takes to ask how many requests there were: hello and q. */
const ASKING = 2;

/** So many deaths of a holder, one after the other. */
async function timesOf(
  { style, way, waiters }: Trial,
  calls: Calls,
  port: number,
  signal: AbortSignal,
): Promise<number[]> {
  const times: number[] = [];
  using crowd = crowdOf(style, calls, port, waiters);
  for (let i = 0; i < sizes.deaths; i++) {
    await new Promise((resolve) => setTimeout(resolve)); // signals are heard between two deaths
    signal.throwIfAborted();
    times.push(crowd instanceof Line ? await crowd.die(way) : crowd.die());
  }
  return times;
}

function crowdOf(style: Style, calls: Calls, port: number, waiters: number): Line | Polling {
  return style === "waiting" ? new Line(calls, port, waiters) : new Polling(calls, port, waiters);
}

/** What a crowd costs the server in a time without deaths. */
function costOf(
  style: Style,
  calls: Calls,
  { pid, doors: { tcp } }: Server,
): { requestsPerSecond: number; busyPercent: number } {
  const port = Number(tcp);
  using crowd = crowdOf(style, calls, port, sizes.crowd);
  rest(100); // what it took to come is over
  const startCount = requestsSoFar(calls, port);
  const startMs = calls.nowMs();
  const startSeconds = busySeconds(pid);
  if (crowd instanceof Polling) crowd.goOn(sizes.costMs);
  else rest(sizes.costMs);
  const seconds = (calls.nowMs() - startMs) / 1000;
  const busyPercent = 100 * (busySeconds(pid) - startSeconds) / seconds;
  const requests = requestsSoFar(calls, port) - startCount - ASKING;
  return { requestsPerSecond: requests / seconds, busyPercent };
}

/** As the server itself counts them, those for asking included. */
function requestsSoFar(calls: Calls, port: number): number {
  using talk = new Talk(calls, port);
  talk.say("hello\nq\n");
  return requestsOf(talk.readTo(/^shared_orphans: \d+\r?\n$/m));
}

async function measure(server: Server, signal: AbortSignal): Promise<Results> {
  const calls = openCalls();
  const times = TRIALS.map((trial) => ({ trial, rounds: [] as number[][] }));
  const styles: readonly Style[] = ["waiting", "polling"];
  const costs = styles.map((style) => ({
    style,
    waiters: sizes.crowd,
    requestsPerSecond: [] as number[],
    busyPercent: [] as number[],
  }));
  // The first round finds all of it uncompiled, and does not count.
  for (let round = 0; round <= sizes.rounds; round++) {
    console.error(round === 0 ? "warming up ..." : `round ${round} of ${sizes.rounds} ...`);
    for (const { trial, rounds } of times) {
      const found = await timesOf(trial, calls, Number(server.doors.tcp), signal);
      if (round > 0) rounds.push(found);
    }
    for (const { style, requestsPerSecond, busyPercent } of costs) {
      signal.throwIfAborted();
      if (round === 0) continue;
      const found = costOf(style, calls, server);
      requestsPerSecond.push(found.requestsPerSecond);
      busyPercent.push(found.busyPercent);
    }
  }
  return { times: times satisfies Times[], costs: costs satisfies Cost[] };
}

function write(folder: string, found: Results): void {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpuModel()}, ${navigator.hardwareConcurrency} cores, ${kernel()}`;
  Deno.mkdirSync(folder, { recursive: true });
  const page = markdownOf(found, [date, machine, runtimes().join(", ")]);
  Deno.writeTextFileSync(`${folder}/handover.md`, page);
  console.log(`\nWritten: handover.md in ${folder}`);
}

async function run(signal: AbortSignal): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "holdfast-bench-" });
  const servers = new Servers(folder);
  try {
    const server = await servers.start("Holdfast");
    if (server === undefined) throw new Error("Holdfast cannot be started");
    const found = await measure(server, signal);
    console.log(`\n${terminalText(found)}`);
    if (out !== undefined) write(out, found);
  } finally {
    await servers.end();
    Deno.removeSync(folder, { recursive: true });
  }
}

await runUntilSignal(run);
