/** From starting the program to its first reply over TCP, next to redis-server, in turn. */
import { median } from "../figures.ts";
import { type Calls, openCalls } from "../load/calls.ts";
import { holdfast, type Program, programOf } from "../sockets/programs.ts";
import { labelOf } from "../sockets/servers.ts";
import type { Figure } from "./figures.ts";
import { pause } from "./pause.ts";
import type { Scenario } from "./stage.ts";
import { Talk } from "./talk.ts";

const RATIO_MAX = 3;
const RETRY_MS = 0.2;
const START_MS_MAX = 20_000;
/** Between two starts, for what the one before has left behind in the machine. */
const REST_MS = 50;

/** What is started, what is asked and how a reply to it begins. */
interface Starter {
  readonly name: string;
  readonly request: string;
  readonly reply: RegExp;
  program(folder: string): Program;
}

interface Pair {
  readonly oursMs: number;
  readonly theirsMs: number | undefined;
}

export const start: Scenario = async ({ sizes: { starts }, signal, executable, note }) => {
  const calls = openCalls();
  const redis = redisOrNone();
  if (redis === undefined) note("Redis is not on PATH: starts stand alone");
  else note(await labelOf("Redis", redis.program("")));
  const ours = [holdfastAs("the source")];
  if (executable === undefined) {
    note("There is no executable in builds: only the source is started");
  } else {
    note(`The executable is ${await versionOf(executable)}`);
    ours.unshift(holdfastAs("the executable", executable));
  }
  const figures: Figure[] = [];
  for (const starter of ours) {
    const pairs: Pair[] = [];
    // The first pair finds cold caches, and does not count.
    for (let i = 0; i <= starts; i++) {
      pairs.push(await pair(calls, starter, redis, i % 2 === 0, signal));
    }
    figures.push(...figuresOf(starter.name, pairs.slice(1)));
  }
  return { figures, meanwhile: [] };
};

async function versionOf(executable: string): Promise<string> {
  const { stdout } = await new Deno.Command(executable, { args: ["version"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

export function figuresOf(name: string, pairs: readonly Pair[]): Figure[] {
  const theirs = pairs.map(({ theirsMs }) => theirsMs ?? NaN);
  const ratios = pairs.map(({ oursMs }, i) => oursMs / theirs[i]!);
  return [
    {
      what: `${name}: first reply after`,
      value: median(pairs.map(({ oursMs }) => oursMs)),
      unit: "ms",
    },
    { what: `${name}: Redis beside it`, value: median(theirs), unit: "ms" },
    { what: `${name}: in proportion to Redis`, value: median(ratios), unit: "x", bound: RATIO_MAX },
  ];
}

async function pair(
  calls: Calls,
  ours: Starter,
  theirs: Starter | undefined,
  areWeFirst: boolean,
  signal: AbortSignal,
): Promise<Pair> {
  const once = async (starter: Starter) => {
    await pause(REST_MS, signal);
    return await firstReplyMs(calls, starter);
  };
  if (theirs === undefined) return { oursMs: await once(ours), theirsMs: undefined };
  if (areWeFirst) return { oursMs: await once(ours), theirsMs: await once(theirs) };
  const theirsMs = await once(theirs);
  return { oursMs: await once(ours), theirsMs };
}

async function firstReplyMs(calls: Calls, starter: Starter): Promise<number> {
  const folder = Deno.makeTempDirSync({ prefix: "holdfast-bench-" });
  const program = starter.program(folder);
  const args = [...program.args];
  const startMs = calls.nowMs();
  const child = new Deno.Command(program.command, {
    args,
    cwd: folder,
    stdin: "null",
    stdout: "null",
  }).spawn();
  try {
    // Without the event loop: it would be one more thing to wait for.
    const reply = firstReply(calls, starter, Number(program.doors.tcp), startMs + START_MS_MAX);
    const ms = calls.nowMs() - startMs;
    if (!starter.reply.test(reply)) throw new Error(`${starter.name} says ${reply}`);
    return ms;
  } finally {
    child.kill("SIGTERM");
    await child.status;
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Tries until it is there, and again should it drop a connection while it starts. */
function firstReply(calls: Calls, starter: Starter, port: number, endMs: number): string {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (true) {
    try {
      using talk = new Talk(calls, port);
      talk.say(starter.request);
      return talk.readTo("\n");
    } catch (error) {
      if (calls.nowMs() > endMs) throw error;
    }
    Atomics.wait(sleeper, 0, 0, RETRY_MS);
  }
}

function holdfastAs(name: string, executable?: string): Starter {
  const program = (folder: string) => holdfast(folder, executable);
  return { name, request: "i foo\n", reply: /^0 Lock/, program };
}

function redisOrNone(): Starter | undefined {
  if (programOf("Redis", "") === undefined) return undefined;
  const program = (folder: string) => programOf("Redis", folder)!;
  return { name: "Redis", request: "PING\r\n", reply: /^\+PONG/, program };
}
