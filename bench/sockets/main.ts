// deno-lint-ignore-file no-console -- a benchmark prints its table
/**
 * Holdfast beside Redis, memcached and the original server, over sockets, in one run. Linux only.
 *
 *     deno task bench:sockets            some ten minutes; writes bench/results/
 *     deno task bench:sockets --quick    one short round, for a look; writes nothing
 *
 * Finds the others on PATH, starts them all on loopback, drives them with the same traffic in turn
 * and ends them again. See rows.ts for what is measured and what is to be reached.
 */
import { parseArgs } from "node:util";
import { runUntilSignal } from "../interruptible.ts";
import type { Report } from "../load/report.ts";
import { linesOf, type Measured } from "./compare.ts";
import { cpuModel, descriptorsMax, kernel, runtimes } from "./machine.ts";
import { type Circumstances, markdownOf } from "./markdown.ts";
import { type Load, type Row, ROWS, type ServerName, SERVERS, titleOf } from "./rows.ts";
import { measure, type Pace } from "./runner.ts";
import { type Server, Servers } from "./servers.ts";
import { svgOf } from "./svg.ts";
import { layOut } from "./table.ts";
import * as words from "./words.ts";

/** What a process needs of descriptors beside its connections. */
const SPARE_DESCRIPTORS = 100;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    out: { type: "string" },
  },
});
const pace: Pace = {
  rounds: Number(flags.rounds ?? (flags.quick ? 1 : 5)),
  seconds: Number(flags.seconds ?? (flags.quick ? 1 : 3)),
  warmupSeconds: flags.quick ? 0.5 : 1,
};
if (!(pace.rounds >= 1 && pace.seconds > 0)) throw new Error("--rounds and --seconds are numbers");
const results = new URL("../results", import.meta.url).pathname;
const out = flags.out ?? (flags.quick ? undefined : results);
const notes: string[] = [];

function note(text: string): void {
  notes.push(text);
  console.error(text);
}

async function startAll(
  servers: Servers,
  signal: AbortSignal,
): Promise<ReadonlyMap<ServerName, Server>> {
  const started = new Map<ServerName, Server>();
  for (const name of SERVERS) {
    signal.throwIfAborted();
    const server = await servers.start(name);
    if (server === undefined) note(`${name} is not on PATH: skipped`);
    else started.set(name, server);
  }
  return started;
}

/** Those that the machine has descriptors for. */
function feasible(rows: readonly Row[]): readonly Row[] {
  const most = descriptorsMax() - SPARE_DESCRIPTORS;
  return rows.filter(({ title, ours }) => {
    if (ours.connections <= most) return true;
    note(`${title}: skipped, "ulimit -n" allows ${most + SPARE_DESCRIPTORS} descriptors`);
    return false;
  });
}

function tell(round: number, row: Row, load: Load, outcome: Report | Error): void {
  const said = outcome instanceof Error
    ? outcome.message
    : `${words.rate(outcome.requestsPerSecond)}/s, server busy ` +
      `${words.percent(outcome.serverBusyPercent)}, ` +
      `generator ${words.percent(outcome.loadBusyPercent)}`;
  const what = `${round + 1}/${pace.rounds} ${titleOf(row, load)}: ${load.server}: ${said}`;
  if (outcome instanceof Error) note(what);
  else console.error(what);
}

function write(folder: string, measured: readonly Measured[], labels: readonly string[]): void {
  const around: Circumstances = {
    date: new Date().toISOString().slice(0, 10),
    ...pace,
    cpu: cpuModel(),
    cores: navigator.hardwareConcurrency,
    kernel: kernel(),
    versions: [...runtimes(), ...labels.filter((label) => label !== "Holdfast")],
    notes,
  };
  const { date, cpu, cores, versions } = around;
  const caption = [`${date}, ${cpu}, ${cores} cores, ${around.kernel}`, versions.join(", ")];
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/sockets.md`, markdownOf(measured, around));
  Deno.writeTextFileSync(`${folder}/sockets.svg`, svgOf(measured, caption));
  console.log(`\nWritten: sockets.md and sockets.svg in ${folder}`);
}

async function run(signal: AbortSignal): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "holdfast-bench-" });
  const servers = new Servers(folder);
  try {
    // memcached and others give up the rights of root before they open their sockets.
    Deno.chmodSync(folder, 0o755);
    const started = await startAll(servers, signal);
    const measured = await measure(feasible(ROWS), started, pace, { signal, tell });
    const hasColour = Deno.stdout.isTerminal() && !Deno.noColor;
    console.log(`\n${layOut(measured.flatMap(linesOf), { hasColour })}`);
    if (out !== undefined) write(out, measured, [...started.values()].map(({ label }) => label));
  } finally {
    await servers.end();
    Deno.removeSync(folder, { recursive: true });
  }
}

await runUntilSignal(run);
