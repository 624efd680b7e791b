/** Starts a server for one test: in this process, or as a program. */
// @ts-types="../../types/net.d.ts"
import { getAvailablePort } from "@std/net";
import { readConfig } from "../../lib/server/config.ts";
import { HandClock } from "./hand_clock.ts";
import { ListenError } from "../../lib/server/listen.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import type { Overrides } from "../../lib/server/services.ts";

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** The addresses of a server under test. */
export interface Addresses {
  readonly tcp: Address;
  readonly ws: Address;
  readonly unix: string;
  readonly looky: Address;
  readonly lookyUnix: string;
}

export interface TestServer extends Addresses, AsyncDisposable {
  /** A folder for this server, removed at the end. */
  readonly folder: string;
}

/** A server in this process. It records what its sessions do; the test advances its clock. */
export interface InnerServer extends TestServer {
  readonly server: Server;
  readonly clock: HandClock;
  readonly events: Events;
}

/** The trace events of sessions, so that a test can wait for them and not for time to pass. */
export class Events {
  readonly #recorded: string[] = [];
  readonly #waiting = new Set<() => void>();

  readonly record = (event: string): void => {
    this.#recorded.push(event);
    for (const check of this.#waiting) check();
  };

  /** Whether `event` is recorded. */
  has(event: string): boolean {
    return this.#recorded.includes(event);
  }

  /** Returns the recorded events that match the pattern. */
  matching(pattern: RegExp): string[] {
    return this.#recorded.filter((event) => pattern.test(event));
  }

  /** Resolves to the address of the next new connection. */
  async nextConnection(): Promise<string> {
    const from = this.#recorded.length;
    const isConnection = (event: string) => event.endsWith(" connected");
    await this.#until(() => this.#recorded.slice(from).some(isConnection));
    return this.#recorded.slice(from).find(isConnection)!.replace(/ connected$/, "");
  }

  /** Resolves when `event` is recorded, now or earlier. */
  async until(event: string): Promise<void> {
    await this.#until(() => this.#recorded.includes(event));
  }

  /** Resolves when `times` events with that prefix are recorded. */
  async untilCount(prefix: string, times: number): Promise<void> {
    const count = () => this.#recorded.filter((event) => event.startsWith(prefix)).length;
    await this.#until(() => count() >= times);
  }

  async #until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }
}

/** Another test may take a free port before this server does. */
const ATTEMPTS_MAX = 20;

/**
 * Starts a server in this process with all transports, on free ports.
 * @param overrides services to use instead of the usual ones.
 */
export async function startInner(
  flags: readonly string[] = [],
  overrides: Pick<Overrides, "withoutEpoll"> = {},
): Promise<InnerServer> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  const events = new Events();
  const clock = new HandClock();
  for (let left = ATTEMPTS_MAX;; left--) {
    const addresses = freeAddresses(folder);
    try {
      const config = readConfig([...flagsFor(addresses), ...flags]);
      const server = await startServer(config, { ...overrides, trace: events.record, clock });
      const dispose = async () => {
        await server.stop();
        await Deno.remove(folder, { recursive: true });
      };
      return { ...addresses, folder, server, events, clock, [Symbol.asyncDispose]: dispose };
    } catch (error) {
      if (!(error instanceof ListenError) || left === 0) throw error;
    }
  }
}

/** A server that runs as a program. */
export interface ProgramServer extends TestServer {
  readonly process: Deno.ChildProcess;
  /** Returns what it has printed so far. */
  output(): string;
  /** All that it has printed, once it has ended. */
  readonly ended: Promise<string>;
}

/** Starts a program with Holdfast's flags; resolves when it has listed its listeners. */
export async function startProgram(
  command: readonly [string, ...string[]],
  flags: readonly string[] = [],
): Promise<ProgramServer> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  const [program, ...before] = command;
  for (let left = ATTEMPTS_MAX;; left--) {
    const addresses = freeAddresses(folder);
    const args = [...before, ...flagsFor(addresses), ...flags];
    const process = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const printed = await untilListening(process);
    if (printed === undefined) {
      const { code } = await process.status;
      if (code === 1 && left > 0) continue;
      await Deno.remove(folder, { recursive: true });
      throw new Error(
        `Cannot start the program: it ended with status ${code}: ${args.join(" ")}`,
      );
    }
    const dispose = async () => {
      try {
        process.kill("SIGTERM");
      } catch { /* it has ended already */ }
      await process.status;
      await printed.ended;
      await Deno.remove(folder, { recursive: true });
    };
    return { ...addresses, folder, process, ...printed, [Symbol.asyncDispose]: dispose };
  }
}

/**
 * Returns the command of the program under test: the one in `deno test ... -- --server="path
 * argument"`, else the source.
 */
export function commandUnderTest(): [string, ...string[]] {
  const given = Deno.args.find((argument) => argument.startsWith("--server="));
  if (given === undefined) return sourceCommand();
  const [program = "", ...args] = given.slice("--server=".length).split(" ");
  return [program, ...args];
}

function sourceCommand(): [string, ...string[]] {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const permissions = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write"];
  // As in the tests: without it the server uses the runtime's sockets.
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state === "granted") permissions.push("--allow-ffi");
  return [Deno.execPath(), "run", ...permissions, main];
}

/** Returns free ports, all different, and paths in the folder. */
function freeAddresses(folder: string): Addresses {
  const addresses = [freeAddress(), freeAddress(), freeAddress()] as const;
  if (new Set(addresses.map(({ port }) => port)).size < addresses.length) {
    return freeAddresses(folder);
  }
  const [tcp, ws, looky] = addresses;
  return { tcp, ws, looky, unix: `${folder}/s.sock`, lookyUnix: `${folder}/l.sock` };
}

function flagsFor({ tcp, ws, unix, looky, lookyUnix }: Addresses): string[] {
  const ports = [`-port=${tcp.port}`, `-ws=${ws.port}`, `-looky=${looky.port}`];
  return [...ports, `-unix=${unix}`, `-looky-unix=${lookyUnix}`];
}

/** Returns a loopback address with a free port. */
export function freeAddress(): Address {
  return { hostname: "127.0.0.1", port: getAvailablePort() };
}

/**
 * Reads up to the last line that the program prints at its start, and continues in the background.
 * Resolves to undefined if the program ends before.
 */
async function untilListening(
  process: Deno.ChildProcess,
): Promise<{ output: () => string; ended: Promise<string> } | undefined> {
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const more = async () => {
    const { value, done } = await reader.read();
    text += value ?? "";
    return !done;
  };
  while (!/^(Try|Nothing to try): .*\n/m.test(text)) {
    if (!await more()) return undefined;
  }
  const rest = async () => {
    while (await more());
    return text;
  };
  return { output: () => text, ended: rest() };
}
