/** Runs every load of every row, round after round, each in a generator of its own. */
import type { Report } from "../load/report.ts";
import type { Measured } from "./compare.ts";
import { type Load, loadsOf, protocolOf, type Row, type ServerName } from "./rows.ts";
import type { Server } from "./servers.ts";

const generator = new URL("../load/main.ts", import.meta.url).pathname;

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

export interface Watch {
  readonly signal: AbortSignal;
  /** Hears what came out of each load. */
  tell(round: number, row: Row, load: Load, outcome: Report | Error): void;
}

export async function measure(
  rows: readonly Row[],
  servers: ReadonlyMap<ServerName, Server>,
  pace: Pace,
  watch: Watch,
): Promise<readonly Measured[]> {
  const measured = rows.map((row) => ({
    row,
    rounds: loadsOf(row).map((): (Report | undefined)[] => []),
  }));
  for (let round = 0; round < pace.rounds; round++) {
    for (const { row, rounds } of measured) {
      const loads = loadsOf(row);
      for (let i = 0; i < loads.length; i++) {
        // Every round begins with another, so that none is always the first or always the last.
        const turn = (i + round) % loads.length;
        const load = loads[turn]!;
        rounds[turn]![round] = await runOne(
          load,
          servers.get(load.server),
          pace,
          watch,
          (outcome) => watch.tell(round, row, load, outcome),
        );
      }
    }
  }
  return measured;
}

/** A run that fails is told, and missing: the others go on. */
async function runOne(
  load: Load,
  server: Server | undefined,
  pace: Pace,
  { signal }: Watch,
  tell: (outcome: Report | Error) => void,
): Promise<Report | undefined> {
  if (server === undefined) return undefined;
  signal.throwIfAborted();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: argumentsOf(load, server, pace),
    signal,
  }).output();
  signal.throwIfAborted();
  const text = new TextDecoder();
  if (!success) {
    tell(new Error(/Error: (.*)/.exec(text.decode(stderr))?.[1] ?? "The generator has failed"));
    return undefined;
  }
  const report: Report = JSON.parse(text.decode(stdout));
  tell(report);
  return report;
}

function argumentsOf(load: Load, server: Server, pace: Pace): string[] {
  const place = server.doors[load.door]!;
  const isWebSocket = load.door === "websocket";
  const options = {
    [typeof place === "string" ? "unix" : "port"]: place,
    protocol: protocolOf(load),
    connections: load.connections,
    depth: load.depth,
    names: load.names,
    warmup: pace.warmupSeconds,
    seconds: pace.seconds,
    "server-pid": server.pid,
  };
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  if (isWebSocket) flags.push("--websocket");
  return ["run", "--no-prompt", "--allow-all", generator, ...flags];
}
