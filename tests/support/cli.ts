/** `holdfast SUBCOMMAND` as a process of its own: what it prints, as it comes, and how it ends. */
import type { Client, LockInfo } from "../../lib/client/mod.ts";
import type { Place } from "./server.ts";
import { Reader } from "./reader.ts";

export interface CliEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; absent: nothing. "open": nothing either, and no end. */
  readonly stdin?: string;
  readonly cwd?: string;
}

const main = new URL("../../main.ts", import.meta.url).pathname;
/** Those that compile.sh gives the executable. */
const PERMISSIONS = [
  ..."--no-prompt --allow-net --allow-read --allow-write --allow-ffi".split(" "),
  ..."--allow-run --allow-env --allow-sys=hostname".split(" "),
];

/** The program under test, as `commandUnderTest` has it for the server. */
export function cliCommand(): [string, ...string[]] {
  const given = Deno.args.find((argument) => argument.startsWith("--server="));
  if (given === undefined) return [Deno.execPath(), "run", ...PERMISSIONS, main];
  const [program = "", ...args] = given.slice("--server=".length).split(" ");
  return [program, ...args];
}

/** One that runs. */
export class Cli {
  readonly process: Deno.ChildProcess;
  readonly ended: Promise<CliEnd>;
  readonly #stdout: Reader;
  readonly #stderr: Reader;

  constructor(args: readonly string[], { env = {}, stdin, cwd }: CliOptions = {}) {
    const [program, ...before] = cliCommand();
    this.process = new Deno.Command(program, {
      args: [...before, ...args],
      env: { NO_COLOR: "1", HOLDFAST_URL: "", HOLDFAST_POOLS_URL: "", USER: "tester", ...env },
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      ...cwd !== undefined && { cwd },
    }).spawn();
    this.#stdout = new Reader(this.process.stdout);
    this.#stderr = new Reader(this.process.stderr);
    if (stdin !== undefined && stdin !== "open") this.#write(stdin);
    this.ended = this.#end();
  }

  /** Resolves to the part of stdout that matches, once it has come. Throws when it ends first. */
  said(pattern: RegExp): Promise<string> {
    return this.#stdout.until(pattern);
  }

  /** The same of stderr. */
  complained(pattern: RegExp): Promise<string> {
    return this.#stderr.until(pattern);
  }

  async #write(text: string): Promise<void> {
    const writer = this.process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text)).catch(() => {});
    await writer.close().catch(() => {});
  }

  async #end(): Promise<CliEnd> {
    const [{ code, signal }, stdout, stderr] = await Promise.all([
      this.process.status,
      this.#stdout.whole,
      this.#stderr.whole,
    ]);
    return { code, signal, stdout, stderr };
  }
}

/** Runs it to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  return await new Cli(args, options).ended;
}

/** Arguments that run a line of JavaScript, behind "--". */
export function script(code: string): string[] {
  return ["--", Deno.execPath(), "eval", "--quiet", code];
}

export function urlOf({ hostname, port }: Place): string {
  return `tcp://${hostname}:${port}`;
}

/** Asks until the lock is as it should be. */
export async function untilLock(
  client: Client,
  name: string,
  isSo: (info: LockInfo | undefined) => boolean,
): Promise<LockInfo | undefined> {
  for (;;) {
    const info = await client.describe(name);
    if (isSo(info)) return info;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
