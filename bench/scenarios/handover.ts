/**
 * The time from a holder's departure to the next grant, for clients that wait and clients that poll,
 * and what both cost the server. One server; the trials take turns, round by round. Needs bash.
 */
// @ts-types="../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { block, nowMs } from "../clients/libc.ts";
import type { Context } from "../options.ts";
import type { Section } from "../report/page.ts";
import { cpuSeconds } from "../servers/proc.ts";
import { PollingTrial, type Trial, WaitingTrial } from "./handover_trials.ts";
import {
  type Cost,
  handoverSections,
  requestsIn,
  type Style,
  type Times,
} from "./handover_results.ts";
import { TestBed } from "./test_bed.ts";

/** What clients need until all have connected and the server is idle again. */
const SETTLE_MS = 100;

export async function handover(context: Context): Promise<readonly Section[]> {
  const { isQuick, signal, progress } = context;
  const rounds = context.rounds ?? (isQuick ? 1 : 5);
  const handOvers = isQuick ? 20 : 60;
  const costMs = 1000 * (context.seconds ?? (isQuick ? 0.5 : 2));
  const many = isQuick ? 100 : 1_000;
  await using bed = await TestBed.open(context);
  const trials = [
    ["waiting", "close", many],
    ["waiting", "reset", many],
    ["waiting", "kill", many],
    ["polling", "close", many],
    ["waiting", "ping", many],
    ["waiting", "close", 1],
    ["polling", "close", 1],
  ] as const;
  const times = trials.map(([style, departure, waiters]): Times => {
    return { style, departure, waiters, rounds: [] };
  });
  const costs = (["waiting", "polling"] as const).map((style): Cost => {
    return { style, waiters: many, requestsPerSecond: [], busyPercent: [] };
  });
  // The first round finds all code uncompiled and does not count.
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? "warm-up" : `round ${round} of ${rounds}`);
    for (const { style, departure, waiters, rounds } of times) {
      using trial = trialOf(style, bed, waiters);
      const measured: number[] = [];
      while (measured.length < handOvers) {
        await delay(0, { signal }); // notices an interruption
        measured.push(await trial.handOver(departure));
      }
      if (round > 0) rounds.push(measured);
    }
    for (const cost of round === 0 ? [] : costs) {
      signal.throwIfAborted();
      using trial = trialOf(cost.style, bed, many);
      measureCost(cost, trial, bed, costMs);
    }
  }
  return handoverSections(times, costs);
}

function trialOf(style: Style, bed: TestBed, waiters: number): Trial {
  const Kind = style === "waiting" ? WaitingTrial : PollingTrial;
  return new Kind(bed.endpoint("tcp"), waiters);
}

/** Measures the server over a time without hand-overs. */
function measureCost(cost: Cost, trial: Trial, bed: TestBed, ms: number): void {
  block(SETTLE_MS);
  const { pid } = bed.server;
  const startRequests = requestsIn(bed.counters());
  const startMs = nowMs();
  const startSeconds = cpuSeconds(pid);
  trial.idle(ms);
  const seconds = (nowMs() - startMs) / 1000;
  cost.busyPercent.push(100 * (cpuSeconds(pid) - startSeconds) / seconds);
  const requests = requestsIn(bed.counters()) - startRequests - 1; // without `q` itself
  cost.requestsPerSecond.push(requests / seconds);
}
