/** The program under test with exactly the flags that a test gives it, in a folder of the test's. */
import { commandUnderTest, freePlace } from "./server.ts";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end; one that listens instead of ending is ended by a signal. */
export async function runToEnd(args: readonly string[], cwd: string): Promise<Ended> {
  const { process, lines, ended } = spawn(args, cwd);
  if (await lines !== undefined) process.kill("SIGTERM");
  return await ended;
}

/** A program that has listed its listeners. */
export interface Running extends AsyncDisposable {
  readonly process: Deno.ChildProcess;
  /** The lines that it has printed at its start. */
  readonly lines: readonly string[];
  /** All that it has printed, once it has ended. */
  readonly ended: Promise<Ended>;
}

/** Another program may take a free port before ours does. */
const TRIES = 20;

/**
 * Starts the program with flags, or with a file, that name a port which is free.
 * @param flags for that port; a file that goes with them is written before they are returned.
 */
export async function startOn(
  flags: (port: number) => readonly string[],
  cwd: string,
): Promise<Running & { readonly port: number }> {
  for (let left = TRIES;; left--) {
    const { port } = freePlace();
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
    throw new Error(`The program ended with status ${code} before it listened: ${stderr}`);
  }
}

interface Spawned {
  readonly process: Deno.ChildProcess;
  /** The lines up to the last one at the start; undefined when it ends first. */
  readonly lines: Promise<readonly string[] | undefined>;
  readonly ended: Promise<Ended>;
}

function spawn(args: readonly string[], cwd: string): Spawned {
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

/** All of a stream; `look` sees what has come so far, each time that more has. */
async function textOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  look?: (text: string) => void,
): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    look?.(text);
  }
  return text;
}
