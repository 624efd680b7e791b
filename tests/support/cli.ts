/** `holdfast SUBCOMMAND` as a process: its output as it comes, and its end. */
import type { Client, LockInfo } from "../../lib/client/mod.ts";
import type { Address } from "./server.ts";
import { Reader } from "./reader.ts";

export interface CliEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Text for stdin; absent: empty. "open": nothing is written, and the stream stays open. */
  readonly stdin?: string;
  readonly cwd?: string;
}

const main = new URL("../../main.ts", import.meta.url).pathname;
/** The permissions of the executable, as in compile.sh. */
const PERMISSIONS = [
  ..."--no-prompt --allow-net --allow-read --allow-write --allow-ffi".split(" "),
  ..."--allow-run --allow-env --allow-sys=hostname".split(" "),
];

/** Returns the program under test and its first arguments; --server= overrides the source. */
export function cliCommand(): [string, ...string[]] {
  const option = Deno.args.find((argument) => argument.startsWith("--server="));
  if (option === undefined) return [Deno.execPath(), "run", ...PERMISSIONS, main];
  const [program = "", ...args] = option.slice("--server=".length).split(" ");
  return [program, ...args];
}

/** A running subcommand. */
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

  /** Resolves to the part of stdout that matches, once it arrives. Throws when the output ends first. */
  stdoutMatch(pattern: RegExp): Promise<string> {
    return this.#stdout.until(pattern);
  }

  /** Resolves to the part of stderr that matches. */
  stderrMatch(pattern: RegExp): Promise<string> {
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

/** Runs a subcommand to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  return await new Cli(args, options).ended;
}

/** Returns "--" and a command that runs JavaScript. */
export function script(code: string): string[] {
  return ["--", Deno.execPath(), "eval", "--quiet", code];
}

export function urlOf({ hostname, port }: Address): string {
  return `tcp://${hostname}:${port}`;
}

/** Polls the lock until the predicate holds; resolves to its state. */
export async function untilLock(
  client: Client,
  name: string,
  predicate: (info: LockInfo | undefined) => boolean,
): Promise<LockInfo | undefined> {
  for (;;) {
    const info = await client.describe(name);
    if (predicate(info)) return info;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
