/** A server for one test: inside this process, or a program of its own. */
// @ts-types="../../types/net.d.ts"
import { getAvailablePort } from "@std/net";
import { readConfig } from "../../lib/server/config.ts";
import { HandClock } from "./hand_clock.ts";
import { ListenError } from "../../lib/server/listen.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import type { Overrides } from "../../lib/server/services.ts";

export interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** Where a server under test can be reached. */
export interface Places {
  readonly tcp: Place;
  readonly ws: Place;
  readonly unix: string;
  readonly looky: Place;
  readonly lookyUnix: string;
}

export interface TestServer extends Places, AsyncDisposable {
  /** A folder of its own, gone afterwards. */
  readonly folder: string;
}

/** A server inside this process, which tells what its sessions do; its clock is turned by hand. */
export interface InnerServer extends TestServer {
  readonly server: Server;
  readonly clock: HandClock;
  readonly events: Events;
}

/** What sessions told, so that a test can wait for it to happen instead of for time to pass. */
export class Events {
  readonly #told: string[] = [];
  readonly #waiting = new Set<() => void>();

  readonly tell = (event: string): void => {
    this.#told.push(event);
    for (const look of this.#waiting) look();
  };

  /** Whether `event` has been told already. */
  has(event: string): boolean {
    return this.#told.includes(event);
  }

  /** What has been told so far and looks like that. */
  matching(pattern: RegExp): string[] {
    return this.#told.filter((event) => pattern.test(event));
  }

  /** The address of the next connection that arrives. */
  async nextArrival(): Promise<string> {
    const from = this.#told.length;
    const isArrival = (event: string) => event.endsWith(" connected");
    await this.#until(() => this.#told.slice(from).some(isArrival));
    return this.#told.slice(from).find(isArrival)!.replace(/ connected$/, "");
  }

  /** Resolves once `event` has been told, now or earlier. */
  async until(event: string): Promise<void> {
    await this.#until(() => this.#told.includes(event));
  }

  /** Resolves once something that begins so has been told that often. */
  async untilTold(beginning: string, times: number): Promise<void> {
    const count = () => this.#told.filter((event) => event.startsWith(beginning)).length;
    await this.#until(() => count() >= times);
  }

  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }
}

/** Another test may take a free port before we do. */
const TRIES = 20;

/**
 * Starts a server inside this process on free ports, all transports on.
 * @param around how it is to differ from one in its usual surroundings.
 */
export async function startInner(
  flags: readonly string[] = [],
  around: Pick<Overrides, "withoutEpoll"> = {},
): Promise<InnerServer> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  const events = new Events();
  const clock = new HandClock();
  for (let left = TRIES;; left--) {
    const places = freePlaces(folder);
    try {
      const config = readConfig([...flagsFor(places), ...flags]);
      const server = await startServer(config, { ...around, tell: events.tell, clock });
      const dispose = async () => {
        await server.stop();
        await Deno.remove(folder, { recursive: true });
      };
      return { ...places, folder, server, events, clock, [Symbol.asyncDispose]: dispose };
    } catch (error) {
      if (!(error instanceof ListenError) || left === 0) throw error;
    }
  }
}

/** A server that is a program of its own. */
export interface ProgramServer extends TestServer {
  readonly process: Deno.ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** All it has printed, once it has ended. */
  readonly ended: Promise<string>;
}

/** Starts a program that takes Holdfast's flags; ready once it has listed its listeners. */
export async function startProgram(
  command: readonly [string, ...string[]],
  flags: readonly string[] = [],
): Promise<ProgramServer> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  const [program, ...before] = command;
  for (let left = TRIES;; left--) {
    const places = freePlaces(folder);
    const args = [...before, ...flagsFor(places), ...flags];
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
        `The program ended with status ${code} before it listened: ${args.join(" ")}`,
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
    return { ...places, folder, process, ...printed, [Symbol.asyncDispose]: dispose };
  }
}

/**
 * The program under test: the one that `deno test ... -- --server="path argument"` names, else
 * the source.
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
  // As the tests: without it, sockets are the runtime's.
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state === "granted") permissions.push("--allow-ffi");
  return [Deno.execPath(), "run", ...permissions, main];
}

/** All different. */
function freePlaces(folder: string): Places {
  const places = [freePlace(), freePlace(), freePlace()] as const;
  if (new Set(places.map(({ port }) => port)).size < places.length) return freePlaces(folder);
  const [tcp, ws, looky] = places;
  return { tcp, ws, looky, unix: `${folder}/s.sock`, lookyUnix: `${folder}/l.sock` };
}

function flagsFor({ tcp, ws, unix, looky, lookyUnix }: Places): string[] {
  const ports = [`-port=${tcp.port}`, `-ws=${ws.port}`, `-looky=${looky.port}`];
  return [...ports, `-unix=${unix}`, `-looky-unix=${lookyUnix}`];
}

export function freePlace(): Place {
  return { hostname: "127.0.0.1", port: getAvailablePort() };
}

/**
 * Reads until the line to try, the last one at the start, and goes on reading to the end; undefined
 * when the program ended first.
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
