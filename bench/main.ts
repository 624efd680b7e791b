// deno-lint-ignore-file no-console -- a benchmark prints its results
/**
 * The benchmark runner: runs scenarios, prints a page of results for each and writes it to
 * bench/results. Linux only.
 *
 *     deno task bench:run                  lists the scenarios
 *     deno task bench:run sockets startup  runs two of them
 *     deno task bench:run all --quick      a short look at each; writes nothing
 *
 * Every scenario starts its own servers and stops them, also when a signal interrupts it.
 */
import { type Context, type Options, readOptions, type Scenario, USAGE } from "./options.ts";
import { padColumns } from "../lib/columns.ts";
import { markdownOf } from "./report/page.ts";
import { connections, waiters } from "./scenarios/connections.ts";
import { handover } from "./scenarios/handover.ts";
import { consumers, locks } from "./scenarios/listings.ts";
import { pools } from "./scenarios/pools.ts";
import { sockets } from "./scenarios/sockets.ts";
import { startup } from "./scenarios/startup.ts";
import { environment } from "./servers/proc.ts";

const SCENARIOS: readonly Scenario[] = [
  { name: "sockets", description: "Rates beside Redis, memcached and glockd", run: sockets },
  { name: "handover", description: "From one holder to the next", run: handover },
  { name: "connections", description: "10,000 connections, half of them reset", run: connections },
  { name: "waiters", description: "100,000 clients that wait for one lock", run: waiters },
  { name: "locks", description: "1,000,000 locks: listings, and their owner leaves", run: locks },
  { name: "consumers", description: "1,000,000 consumers of a pool: listings", run: consumers },
  { name: "pools", description: "Pools of 100 sessions and of 1,000,000", run: pools },
  { name: "startup", description: "From the start to the first reply, beside Redis", run: startup },
];

const root = new URL("../", import.meta.url);
const names = SCENARIOS.map(({ name }) => name);

/** Returns the executable to start beside the source: the given one, or that in builds/. */
function findExecutable(given: string | undefined): string | undefined {
  const path = given ?? new URL(`builds/${Deno.build.target}/holdfast`, root).pathname;
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (given === undefined && error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs a scenario, prints its page and writes it unless the run is a quick one. */
async function run(scenario: Scenario, options: Options, signal: AbortSignal): Promise<void> {
  const { name, description } = scenario;
  const { isQuick, out } = options;
  const notes = new Set<string>();
  const progress = (text: string) => console.error(`${name}: ${text}`);
  const note = (text: string) => {
    notes.add(text);
    progress(text);
  };
  if (isQuick) note("Quick: small sizes, where the memory of the runtime outweighs the rest");
  const executable = findExecutable(options.executable);
  const context: Context = { ...options, executable, signal, note, progress };
  const sections = await scenario.run(context);
  const page = markdownOf({
    title: description,
    command: `deno task bench:run ${name}`,
    environment: [...environment(), ...notes],
    sections,
  });
  console.log(page);
  if (isQuick && out === undefined) return;
  const folder = out ?? new URL("bench/results", root).pathname;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/${name}.md`, page);
}

/** Runs scenarios until a signal comes. One that fails is reported, and the others still run. */
async function runAll(chosen: readonly Scenario[], options: Options): Promise<void> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => interrupted.abort());
  }
  for (const scenario of chosen) {
    try {
      await run(scenario, options, interrupted.signal);
    } catch (error) {
      if (interrupted.signal.aborted) {
        console.error("Interrupted: all servers are stopped");
        Deno.exit(130);
      }
      console.error(`${scenario.name}: failed:`, error);
      Deno.exitCode = 1;
    }
  }
}

const options = readOptions(Deno.args, [...names, "all"]);
if (options.scenarios.length === 0) {
  const rows = padColumns(SCENARIOS.map(({ name, description }) => [name, description]));
  const lines = rows.map((row) => `  ${row.join("  ").trimEnd()}`);
  console.log([USAGE, "\nScenarios, or all:\n", ...lines].join("\n"));
} else {
  const isAll = options.scenarios.includes("all");
  await runAll(SCENARIOS.filter(({ name }) => isAll || options.scenarios.includes(name)), options);
  Deno.exit(); // the signal listeners would keep the process alive
}
