/** From starting Holdfast to its first reply over TCP, with a start of Redis next to each start. */
// @ts-types="../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { Connection } from "../clients/connection.ts";
import { block, type Endpoint, nowMs } from "../clients/libc.ts";
import type { Context } from "../options.ts";
import { FigureReport } from "../report/figures.ts";
import type { Section } from "../report/page.ts";
import { ratioOf, type Rounds, spreadOf } from "../report/statistics.ts";
import { holdfast, type Program, programOf } from "../servers/programs.ts";
import { labelOf, spawn, stop } from "../servers/servers.ts";

const RATIO_MAX = 3;
const RETRY_MS = 0.2;
const START_MS_MAX = 20_000;
/** Between two starts, so that the machine has dealt with what the last one left behind. */
const REST_MS = 50;

/** A way to start a server, a request to it and how the reply begins. */
interface Candidate {
  readonly name: string;
  readonly request: string;
  readonly reply: string;
  readonly program: (folder: string) => Program | undefined;
}

const REDIS: Candidate = {
  name: "Redis",
  request: "PING\r",
  reply: "+PONG",
  program: (folder) => programOf("Redis", folder),
};

function holdfastAs(name: string, executable?: string): Candidate {
  const program = (folder: string) => holdfast(folder, executable);
  return { name, request: "i foo", reply: "0 Lock", program };
}

export async function startup(context: Context): Promise<readonly Section[]> {
  const { isQuick, executable, note } = context;
  const redis = programOf("Redis", "");
  note(redis === undefined ? "Redis is not on PATH: skipped" : await labelOf("Redis", redis));
  const candidates = [holdfastAs("the source")];
  if (executable === undefined) note("There is no executable in builds/: only the source starts");
  else {
    const { stdout } = await new Deno.Command(executable, { args: ["version"] }).output();
    note(`The executable is ${new TextDecoder().decode(stdout).trim()}`);
    candidates.unshift(holdfastAs("the executable", executable));
  }
  const rounds = context.rounds ?? (isQuick ? 3 : 15);
  const report = new FigureReport();
  for (const ours of candidates) {
    const [times, redisTimes]: [number[], number[]] = [[], []];
    // The first round finds cold caches and does not count.
    for (let round = 0; round <= rounds; round++) {
      for (const started of round % 2 === 0 ? [ours, REDIS] : [REDIS, ours]) {
        await delay(REST_MS, { signal: context.signal });
        const ms = await firstReplyMs(started);
        if (round > 0 && ms !== undefined) (started === ours ? times : redisTimes).push(ms);
      }
    }
    addTimes(report, ours.name, times, redisTimes);
  }
  return report.sections();
}

/** @param redis the times of Redis by round; empty when it is not installed */
export function addTimes(report: FigureReport, name: string, times: Rounds, redis: Rounds): void {
  report.add(`${name}: first reply after`, spreadOf(times)?.median ?? NaN, "ms");
  report.add(`${name}: Redis beside it`, spreadOf(redis)?.median ?? NaN, "ms");
  const ratio = ratioOf(times, redis)?.median ?? NaN;
  report.add(`${name}: compared with Redis`, ratio, "x", RATIO_MAX);
}

/** Returns undefined when the program is not installed. */
async function firstReplyMs(candidate: Candidate): Promise<number | undefined> {
  const { name, request, reply } = candidate;
  const folder = Deno.makeTempDirSync({ prefix: "holdfast-bench-" });
  using cleanUp = new DisposableStack();
  cleanUp.defer(() => Deno.removeSync(folder, { recursive: true }));
  const program = candidate.program(folder);
  if (program === undefined) return undefined;
  const startMs = nowMs();
  const child = spawn(program, folder);
  try {
    // Without the event loop, which would add its own delay.
    const text = firstReply(program.listeners.tcp!, request, startMs + START_MS_MAX);
    const ms = nowMs() - startMs;
    if (!text.startsWith(reply)) throw new Error(`Cannot start ${name}: it replied ${text}`);
    return ms;
  } finally {
    await stop(child);
  }
}

/** Connects until the server listens, and again if it drops a connection while it starts. */
function firstReply(endpoint: Endpoint, request: string, endMs: number): string {
  for (;;) {
    try {
      using connection = new Connection(endpoint);
      return connection.ask(request);
    } catch (error) {
      if (nowMs() > endMs) throw error;
    }
    block(RETRY_MS);
  }
}
