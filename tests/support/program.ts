/** The program under test as a process, with the flags and the working directory of a test. */
import { Peer } from "./peer.ts";
import { type Address, commandUnderTest, freeAddress } from "./server.ts";

export const LOOKY_OK = "LOOKY/1.0 200 OK\r\n";
/** Flags that leave only the listeners for pools. */
export const LOCKS_OFF = ["-port=0", "-ws=0"];

export interface ProgramEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end; ends it by a signal if it listens. */
export async function runToEnd(args: readonly string[], cwd: string): Promise<ProgramEnd> {
  const { process, lines, ended } = spawn(args, cwd);
  if (await lines !== undefined) process.kill("SIGTERM");
  return await ended;
}

/** A program that has printed its listeners. */
export interface RunningProgram extends AsyncDisposable {
  readonly process: Deno.ChildProcess;
  /** The lines printed at the start. */
  readonly lines: readonly string[];
  /** Resolves at the end of the program. */
  readonly ended: Promise<ProgramEnd>;
}

/** Another program may take the free port first. */
const ATTEMPTS_MAX = 20;

/**
 * Starts the program on a free port.
 * @param flags returns the flags for that port, after writing any file that they name
 */
export async function startOnFreePort(
  flags: (port: number) => readonly string[],
  cwd: string,
): Promise<RunningProgram & { readonly port: number }> {
  for (let left = ATTEMPTS_MAX;; left--) {
    const { port } = freeAddress();
    const { process, lines, ended } = spawn(flags(port), cwd);
    const started = await lines;
    if (started !== undefined) {
      const dispose = async () => {
        try {
          process.kill("SIGTERM");
        } catch { /* it has ended already */ }
        await ended;
      };
      return { process, lines: started, ended, port, [Symbol.asyncDispose]: dispose };
    }
    const { code, stderr } = await ended;
    if (left > 0 && code === 1 && stderr.includes("it is in use")) continue;
    throw new Error(`Cannot start the program: it ended with status ${code}: ${stderr}`);
  }
}

/** Returns the addresses that the program listens on, as it prints them. */
export function listenersOf({ lines }: RunningProgram): string[] {
  return lines.flatMap((line) => /^holdfast \S+ listens on (.*)$/.exec(line)?.slice(1) ?? []);
}

export function loopback(port: number): Address {
  return { hostname: "127.0.0.1", port };
}

/** Sends a request over a new connection; resolves to its reply of one line. */
export async function askOnce(to: Address | string, request: string): Promise<string> {
  const peer = await Peer.connect(to);
  try {
    await peer.send(`${request}\n`);
    return await peer.reply();
  } finally {
    await peer.close();
  }
}

/** Resolves to the list of pools as list-pool shows it, such as "[ a, b ]". */
export async function listPools(to: Address | string): Promise<string> {
  const peer = await Peer.connect(to);
  await peer.send("list-pool\nexit\n");
  await peer.untilEnd();
  const [, list] = /^pool-list = (.*)\r$/m.exec(peer.received) ?? [];
  await peer.close();
  return list ?? peer.received;
}

interface SpawnedProgram {
  readonly process: Deno.ChildProcess;
  /** The lines printed at the start; undefined when the program ends first. */
  readonly lines: Promise<readonly string[] | undefined>;
  readonly ended: Promise<ProgramEnd>;
}

function spawn(args: readonly string[], cwd: string): SpawnedProgram {
  const [program, ...before] = commandUnderTest();
  const process = new Deno.Command(program, {
    args: [...before, ...args],
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { promise: lines, resolve } = Promise.withResolvers<readonly string[] | undefined>();
  const stdout = textOf(process.stdout, (text) => {
    if (/^(Try|Nothing to try): .*\n/m.test(text)) resolve(text.trimEnd().split("\n"));
  });
  const stderr = textOf(process.stderr);
  const end = async () => {
    const ended = { stdout: await stdout, stderr: await stderr, ...await process.status };
    resolve(undefined);
    return { code: ended.code, stdout: ended.stdout, stderr: ended.stderr };
  };
  return { process, lines, ended: end() };
}

/** Reads a stream to its end; `onText` receives everything read so far, after each chunk. */
async function textOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onText?: (text: string) => void,
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    onText?.(text);
  }
  return text;
}
