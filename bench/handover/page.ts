/** The results for the terminal, and as a page of Markdown. Pure; nothing in it names a machine, a path or a user. */
import * as words from "../sockets/words.ts";
import { markdownList, markdownTable, textTable } from "../tables.ts";
import { type Cost, ratioOf, type Spread, spreadOf, type Style, summaryOf } from "./figures.ts";
import type { Times, Way } from "./figures.ts";

const HEADER = [
  "others",
  "how many",
  "the holder's",
  "deaths",
  "p50",
  "p99",
  "longest",
  "p50 by round",
  "p50 by that of waiting",
];
const COST_HEADER = ["others", "how many", "requests/s", "server busy"];
const STYLES: Readonly<Record<Style, string>> = {
  waiting: "wait (`acquire`)",
  polling: "poll (`g`)",
};
const WAYS: Readonly<Record<Way, string>> = {
  close: "connection is closed",
  reset: "connection is reset",
  kill: "process is killed (kill -9)",
  ping: "life goes on: a mere `ping`",
};

/** What was measured. */
export interface Results {
  readonly times: readonly Times[];
  readonly costs: readonly Cost[];
}

export function terminalText({ times, costs }: Results): string {
  return [
    ...textTable(HEADER, times.map((it) => cellsOf(it, times)), (column) => column > 2),
    "",
    ...textTable(COST_HEADER, costs.map(costCells), (column) => column > 0),
  ].join("\n");
}

/** @param around when, where and with what it was measured. */
export function markdownOf({ times, costs }: Results, around: readonly string[]): string {
  return [
    "# From one holder to the next",
    "Written by `deno task bench:handover`; the next run replaces it.",
    markdownTable(HEADER, times.map((it) => cellsOf(it, times))),
    HOW,
    "## What a crowd costs while nobody dies",
    markdownTable(COST_HEADER, costs.map(costCells)),
    markdownList(around),
  ].join("\n\n") + "\n";
}

const HOW = [
  "From just before the call that ends the holder (`close`, or `kill`) to when the next one has read its",
  "grant, by one clock in one process: that process closes the connection or sends the signal, and all",
  "who wait are connections of its own. So a figure holds what the kernel needs to end the connection",
  "(after kill -9 it takes the process down first), the server's waking, its work and its reply, and the",
  "waking of the one who is granted; all on one machine, over TCP. The server had slept for some",
  "milliseconds before each death, as it would in life: what a `ping` takes then, stands beside. Among",
  "those who poll it never sleeps. The next one then holds, and dies in turn, and another comes to the",
  "end of the queue. Who is killed is a small process of its own (bash) that stood at the head of the",
  "queue. Those who poll ask every 100 ms each, evenly spread, which is the best that polling can do: of",
  "a thousand one asks every 0.1 ms, but which one has the lock is chance, and who has waited longest",
  "may wait on. Requests are counted by the server.",
].join("\n");

function cellsOf(times: Times, all: readonly Times[]): readonly string[] {
  const { trial: { style, way, waiters }, rounds } = times;
  const summary = summaryOf(rounds);
  const figures = summary === undefined ? ["0", ...Array(4).fill(words.NONE)] : [
    `${summary.count}`,
    ...[summary.p50Ms, summary.p99Ms, summary.maxMs].map(words.ms),
    `${words.ms(summary.lowestMs)} to ${words.ms(summary.highestMs)}`,
  ];
  const base = all.find(({ trial }) =>
    trial.style === "waiting" && trial.way === way && trial.waiters === waiters
  );
  const ratio = style === "waiting" || base === undefined ? undefined : ratioOf(times, base);
  return [
    STYLES[style],
    count(waiters),
    WAYS[way],
    ...figures,
    ratio === undefined ? "" : words.ratio(ratio),
  ];
}

function costCells({ style, waiters, requestsPerSecond, busyPercent }: Cost): readonly string[] {
  const busy = spreadOf(busyPercent);
  return [
    STYLES[style],
    count(waiters),
    words.rate(spreadOf(requestsPerSecond)?.median ?? NaN),
    busy === undefined ? words.NONE : percents(busy),
  ];
}

function percents({ median, lowest, highest }: Spread): string {
  const range = `${lowest.toFixed(1)} to ${highest.toFixed(1)}`;
  return `${median.toFixed(1)} % of a core (${range})`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
