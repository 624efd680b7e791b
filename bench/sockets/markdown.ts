/** The results as a page of Markdown. Pure; nothing in it names a machine, a path or a user. */
import { markdownList, markdownTable } from "../tables.ts";
import { entriesOf, type Entry, linesOf, type Measured } from "./compare.ts";
import type { Door } from "./rows.ts";
import { cellsOf, HEADER } from "./table.ts";
import * as words from "./words.ts";

/** How and where it was measured, and what was left out. */
export interface Circumstances {
  readonly date: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** Name and version of everything that took part. */
  readonly versions: readonly string[];
  readonly notes: readonly string[];
}

const DOORS: Readonly<Record<Door, string>> = {
  tcp: "TCP",
  unix: "Unix socket",
  websocket: "WebSocket",
  looky: "TCP, pools",
};

export function markdownOf(measured: readonly Measured[], around: Circumstances): string {
  const entries = measured.flatMap(entriesOf);
  return [
    "# Over sockets, side by side",
    "Written by `deno task bench:sockets`; the next run replaces it.",
    "![Bars: the rate of each server in proportion to Redis](sockets.svg)",
    markdownTable(HEADER, measured.flatMap(linesOf).map(cellsOf)),
    howText(around),
    markdownList([
      around.date,
      `${around.cpu}, ${around.cores} cores, ${around.kernel}`,
      around.versions.join(", "),
      ...around.notes,
    ]),
    "## All figures",
    busyText(entries),
    markdownTable(DETAILS, entries.map(detailsOf)),
  ].join("\n\n") + "\n";
}

function howText({ rounds, seconds }: Circumstances): string {
  return [
    "One request at a time on each connection unless it says otherwise: acquire and release in turn",
    "(`g` and `r`; in Redis `SET NX` and `DEL`, in memcached `add` and `delete`), each counts as one.",
    `Rounds: ${rounds}, of ${seconds} s for each load; those that are compared run next to each other.`,
    "The ratio is the median of the rounds' ratios, in parentheses the lowest and the highest. In",
    "Redis and memcached anybody may release anybody's name, and nothing is given back when a",
    "connection ends.",
  ].join("\n");
}

/** Why the generator is not what was measured, or that it may have been. */
function busyText(entries: readonly Entry[]): string {
  const most = Math.max(0, ...entries.map(({ report }) => report.loadBusyPercent));
  return [
    "Medians of the rounds. The last columns show how much of a core the server took, with all its",
    "threads and the kernel's work for it, and the generator beside it: where the generator is well",
    `below 100 %, the server was what was measured. At most it took ${
      words.percent(most)
    }. Where both`,
    "are, something else had the machine.",
  ].join("\n");
}

const DETAILS: readonly string[] = [
  "load",
  "server",
  "over",
  "requests a second",
  "ratio",
  "p50",
  "p99",
  "p99.9",
  "longest",
  "granted",
  "server busy",
  "generator busy",
];

function detailsOf({ title, load, report, ratio }: Entry): readonly string[] {
  return [
    title,
    load.server,
    DOORS[load.door],
    words.rate(report.requestsPerSecond),
    words.ratio(ratio),
    words.ms(report.p50Ms),
    words.ms(report.p99Ms),
    words.ms(report.p999Ms),
    words.ms(report.maxMs),
    words.percent(report.grantedPercent),
    words.percent(report.serverBusyPercent),
    words.percent(report.loadBusyPercent),
  ];
}
