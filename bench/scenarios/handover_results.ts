/** From the times of many hand-overs to the tables of the scenario `handover`. Pure. */
import * as format from "../report/format.ts";
import type { Section } from "../report/page.ts";
import { latenciesOf, median, ratioOf, type Rounds, spreadOf } from "../report/statistics.ts";
import type { Departure } from "./handover_trials.ts";

/** How the others learn that the lock is free: the server tells them, or they ask for it. */
export type Style = "waiting" | "polling";

/** A kind of hand-over, and its times in milliseconds by round. */
export interface Times {
  readonly style: Style;
  readonly departure: Departure;
  readonly waiters: number;
  readonly rounds: number[][];
}

/** What the others cost the server while the holder stays, by round. */
export interface Cost {
  readonly style: Style;
  readonly waiters: number;
  readonly requestsPerSecond: number[];
  /** Percent of one core. */
  readonly busyPercent: number[];
}

const HOW =
  `A time runs from just before the call that ends the holder (\`close\`, or \`kill\`) until
the next holder has read its grant, by one clock in one process: it closes the connection or sends the
signal, and all waiters are connections of its own. So a time contains what the kernel needs to end
the connection (after kill -9 it ends the process first), the server's wake-up, its work and its
reply, and the wake-up of the next holder; all on one machine, over TCP. The server has slept for some
milliseconds before each hand-over, as in production: a \`ping\` at such a moment stands beside. With
polling clients it never sleeps. The next holder leaves in turn, and a new client joins the end of the
queue. The holder that is killed is a small process (bash) that waited at the head of the queue.
Polling clients ask every 100 ms each, evenly spread, which is the best that polling can do: of a
thousand, one asks every 0.1 ms, but chance decides which client gets the lock, and the one that has
waited longest may wait on.`;
const STYLES = { waiting: "wait (`acquire`)", polling: "poll (`g`)" } as const;
const DEPARTURES: Readonly<Record<Departure, string>> = {
  close: "connection is closed",
  reset: "connection is reset",
  kill: "process is killed (kill -9)",
  ping: "hold goes on: a `ping` instead",
};

export function handoverSections(times: readonly Times[], costs: readonly Cost[]): Section[] {
  return [
    {
      text: HOW,
      header: ["others", "how many", "the holder's", "hand-overs", "p50", "p99", "longest"]
        .concat("p50 by round", "compared with waiting"),
      rows: times.map((one) => timesRow(one, times)),
    },
    {
      heading: "The cost of the others while the holder stays",
      text: "The server counts the requests.",
      header: ["others", "how many", "requests a second", "server busy, % of a core"],
      rows: costs.map(costRow),
    },
  ];
}

function timesRow(times: Times, all: readonly Times[]): string[] {
  const { style, departure, waiters, rounds } = times;
  const { count, p50Ms, p99Ms, maxMs } = latenciesOf(rounds.flat().sort((a, b) => a - b));
  const latencies = [p50Ms, p99Ms, maxMs].map((ms) => count === 0 ? format.MISSING : format.ms(ms));
  const base = all.find((other) =>
    other.style === "waiting" && other.departure === departure && other.waiters === waiters
  );
  const ratio = style === "waiting" || base === undefined
    ? ""
    : format.spread(ratioOf(medians(rounds), medians(base.rounds)));
  const byRound = format.spread(spreadOf(medians(rounds)), format.ms, format.ms);
  const which = [STYLES[style], format.count(waiters), DEPARTURES[departure]];
  return [...which, `${count}`, ...latencies, byRound, ratio];
}

/** Returns the median of each round; undefined for a round without times. */
function medians(rounds: Times["rounds"]): Rounds {
  return rounds.map((round) => round.length === 0 ? undefined : median(round));
}

function costRow({ style, waiters, requestsPerSecond, busyPercent }: Cost): string[] {
  const rate = spreadOf(requestsPerSecond)?.median;
  const digit = (percent: number) => percent.toFixed(1);
  return [
    STYLES[style],
    format.count(waiters),
    rate === undefined ? format.MISSING : format.rate(rate),
    format.spread(spreadOf(busyPercent), digit, digit),
  ];
}

/** Returns how many requests the server's counters, the reply to `q`, tell of. */
export function requestsIn(counters: string): number {
  const counts = counters.matchAll(/^command_\S+: (\d+)/gm);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
