// deno-lint-ignore-file no-console -- a benchmark prints its table
/**
 * What happens at the edges: very many connections, locks and consumers, and starting. Linux only.
 *
 *     deno task bench:extremes                  some minutes; writes bench/results/extremes.md
 *     deno task bench:extremes --quick          a tenth of the sizes, for a look; writes nothing
 *     deno task bench:extremes --only reset     one scenario; may be said again; writes nothing
 *     --binary PATH                             this executable instead of the one in builds/
 *     --out FOLDER                              writes there, in any case
 *
 * Every scenario has a server of its own, started as a user would, and brings its targets along.
 * What is extreme comes from one process (holder.ts), what other clients meet from another
 * (prober.ts).
 */
import { parseArgs } from "node:util";
import { runUntilSignal } from "../interruptible.ts";
import { cpuModel, kernel, runtimes } from "../sockets/machine.ts";
import { idle, reset } from "./crowd.ts";
import type { Outcome } from "./figures.ts";
import { markdownOf, terminalText } from "./page.ts";
import { pools } from "./pools.ts";
import type { Circumstance, Scenario, Sizes } from "./stage.ts";
import { start } from "./start.ts";
import { departure, listing } from "./table.ts";
import { waiting } from "./waiting.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  idle,
  reset,
  waiting,
  listing,
  departure,
  pools,
  start,
};

const SIZES: Sizes = {
  connections: 10_000,
  locksEach: 10,
  resets: 5_000,
  waiters: 100_000,
  locks: 1_000_000,
  consumers: 1_000_000,
  starts: 15,
};
const QUICK: Sizes = {
  connections: 1_000,
  locksEach: 10,
  resets: 500,
  waiters: 1_000,
  locks: 100_000,
  consumers: 100_000,
  starts: 3,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    binary: { type: "string" },
    out: { type: "string" },
  },
});
const names = flags.only ?? Object.keys(SCENARIOS);
const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown !== undefined) {
  throw new Error(`--only ${unknown}: there are ${Object.keys(SCENARIOS).join(", ")}`);
}
const root = new URL("../../", import.meta.url);
const results = new URL("bench/results", root).pathname;
const isWhole = !flags.quick && flags.only === undefined;
const out = flags.out ?? (isWhole ? results : undefined);
const notes: string[] = [];

function note(text: string): void {
  if (notes.includes(text)) return;
  notes.push(text);
  console.error(text);
}

/** The executable to start beside the source. */
function executable(): string | undefined {
  const path = flags.binary ?? new URL(`builds/${Deno.build.target}/holdfast`, root).pathname;
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (flags.binary === undefined && error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A scenario that fails is told, and missing: the others go on. */
async function runAll(given: Circumstance): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of names) {
    given.signal.throwIfAborted();
    console.error(`${scenario} ...`);
    try {
      outcomes.push({ scenario, ...await SCENARIOS[scenario]!(given) });
    } catch (error) {
      given.signal.throwIfAborted();
      note(`${scenario}: failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  return outcomes;
}

function write(folder: string, outcomes: readonly Outcome[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpuModel()}, ${navigator.hardwareConcurrency} cores, ${kernel()}`;
  const page = markdownOf(outcomes, [date, machine, runtimes().join(", "), ...notes]);
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/extremes.md`, page);
  console.log(`\nWritten: extremes.md in ${folder}`);
}

if (flags.quick) note("A tenth of the sizes: memory beside it is mostly what any work takes");
await runUntilSignal(async (signal) => {
  const sizes = flags.quick ? QUICK : SIZES;
  const outcomes = await runAll({ sizes, signal, executable: executable(), note });
  const hasColour = Deno.stdout.isTerminal() && !Deno.noColor;
  console.log(`\n${terminalText(outcomes, hasColour)}`);
  if (out !== undefined) write(out, outcomes);
  if (outcomes.length < names.length) Deno.exitCode = 1;
});
