/** From the reports of all rounds to the tables of the scenario `sockets`. Pure. */
import type { LoadReport } from "../load/main.ts";
import * as format from "../report/format.ts";
import type { Section } from "../report/page.ts";
import { median, ratioOf, type Spread, spreadOf } from "../report/statistics.ts";
import { SERVERS } from "../servers/programs.ts";
import { baselineOf, type Row, type Target } from "./sockets_rows.ts";

/** The reports of a load by round; undefined where the server is missing or the run failed. */
export type LoadRounds = readonly (LoadReport | undefined)[];

export interface Measured {
  readonly row: Row;
  /** In the order of the row's loads. */
  readonly rounds: readonly LoadRounds[];
}

const HOW = `One request at a time on each connection unless the row says otherwise: acquire and
release in turn (\`g\` and \`r\`; in Redis \`SET NX\` and \`DEL\`, in memcached \`add\` and \`delete\`), each
counted as one request. The loads of a row run next to each other. The ratio is the median of the
rounds' ratios, in parentheses the lowest and the highest. In Redis and memcached any client may
release any name, and nothing is released when a connection ends.`;
const DETAILS = `Medians of the rounds. The last columns are the share of a core that the server
took, with all its threads and the kernel's work for it, and the generator beside it. Where the
generator is well below 100 %, the server was what was measured; where both are, something else kept
the machine busy.`;
const LISTENERS = {
  tcp: "TCP",
  unix: "Unix socket",
  websocket: "WebSocket",
  looky: "TCP, pools",
  lookyUnix: "Unix socket, pools",
} as const;
const MEASURES = { rate: "", "p99.9": ": p99.9", spread: ": longest by median latency" } as const;

export function socketSections(measured: readonly Measured[]): Section[] {
  return [
    {
      text: HOW,
      header: ["requests a second", ...SERVERS, "compared with", "ratio", "target", "met"],
      rows: measured.flatMap(targetRows),
    },
    {
      heading: "All values",
      text: DETAILS,
      header: ["load", "server", "over", "requests a second", "ratio", "p50", "p99", "p99.9"]
        .concat("longest", "granted", "server busy", "generator busy"),
      rows: measured.flatMap(loadRows),
    },
  ];
}

/** Returns a row for each target. */
export function targetRows({ row, rounds }: Measured): string[][] {
  return row.targets.map(({ measure, bound }) => {
    const values = rounds.map((reports) => reports.map((report) => valueOf(report, measure)));
    const ratio = measure === "spread" ? spreadOf(values[0]!) : ratioOf(values[0]!, values[1]!);
    const isMet = ratio && isReached(ratio, { measure, bound });
    const byServer = SERVERS.map((server) => {
      const load = row.loads.findIndex((load) => load.server === server);
      const value = spreadOf(values[load] ?? [])?.median;
      return value === undefined ? format.MISSING : FORMATS[measure](value);
    });
    const against = measure === "spread" ? "its own median" : baselineOf(row);
    const target = `${measure === "rate" ? "≥" : "≤"} ${format.times(bound)}`;
    const judged = [against, format.spread(ratio), target, format.verdict(isMet)];
    return [row.title + MEASURES[measure], ...byServer, ...judged];
  });
}

const FORMATS = { rate: format.rate, "p99.9": format.ms, spread: format.times } as const;

function valueOf(report: LoadReport | undefined, measure: Target["measure"]): number | undefined {
  if (report === undefined) return undefined;
  if (measure === "rate") return report.requestsPerSecond;
  return measure === "p99.9" ? report.p999Ms : report.maxMs / report.p50Ms;
}

/** Judges the ratio as it is shown: its third digit is noise. */
function isReached({ median }: Spread, { measure, bound }: Target): boolean {
  const shown = Math.round(median * 100) / 100;
  return measure === "rate" ? shown >= bound : shown <= bound;
}

/** Returns a row for each load that has run at all. */
export function loadRows({ row, rounds }: Measured): string[][] {
  const rates = rounds.map((reports) => reports.map((report) => valueOf(report, "rate")));
  return row.loads.flatMap((load, i) => {
    const reports = rounds[i]!.filter((report) => report !== undefined);
    if (reports.length === 0) return [];
    const middle = (pick: (report: LoadReport) => number) => median(reports.map(pick));
    const isPlain = i === 1 && load.server === "Holdfast";
    return [[
      isPlain ? `${row.title}: plain TCP beside it` : row.title,
      load.server,
      LISTENERS[load.listener],
      format.rate(middle((report) => report.requestsPerSecond)),
      format.spread(ratioOf(rates[i]!, rates[1]!)),
      format.ms(middle((report) => report.p50Ms)),
      format.ms(middle((report) => report.p99Ms)),
      format.ms(middle((report) => report.p999Ms)),
      format.ms(middle((report) => report.maxMs)),
      format.percent(middle((report) => report.grantedPercent)),
      format.percent(middle((report) => report.serverBusyPercent)),
      format.percent(middle((report) => report.generatorBusyPercent)),
    ]];
  });
}
