/** A Holdfast server for one scenario, and a probe that measures what other clients see meanwhile. */
import { Connection } from "../clients/connection.ts";
import { block, type Endpoint } from "../clients/libc.ts";
import type { Context } from "../options.ts";
import { FigureReport, PROBE_CLIENTS } from "../report/figures.ts";
import { count } from "../report/format.ts";
import { descriptorsMax } from "../servers/proc.ts";
import type { ListenerName } from "../servers/programs.ts";
import { type Server, Servers } from "../servers/servers.ts";

const PROBE_FILE = new URL("latency_probe.ts", import.meta.url).pathname;
/** How many descriptors a process needs beside its connections. */
const SPARE_DESCRIPTORS = 200;
const BATCH = 1000;
const LOOK_MS = 1;

export class TestBed implements AsyncDisposable {
  readonly server: Server;
  /** A connection that holds nothing. */
  readonly observer: Connection;
  readonly #servers: Servers;
  readonly #report: FigureReport;
  readonly #signal: AbortSignal;

  private constructor(servers: Servers, server: Server, report: FigureReport, signal: AbortSignal) {
    this.#servers = servers;
    this.server = server;
    this.#report = report;
    this.#signal = signal;
    this.observer = new Connection(this.endpoint("tcp"));
  }

  /**
   * @param report receives what the probe measures
   * @param pool requests that make the pool `bench`; undefined for one that never fills
   */
  static async open(
    { signal }: Context,
    report = new FigureReport(),
    pool?: readonly string[],
  ): Promise<TestBed> {
    signal.throwIfAborted();
    await using cleanUp = new AsyncDisposableStack();
    const servers = cleanUp.use(new Servers());
    const server = await servers.start("Holdfast", pool);
    const bed = new TestBed(servers, server!, report, signal);
    cleanUp.move();
    return bed;
  }

  endpoint(listener: ListenerName): Endpoint {
    return this.server.listeners[listener]!;
  }

  /**
   * Measures the latency of other clients while `action` runs. Returns what the action returns.
   *
   * @param p99MsMax the target of their p99; undefined without one
   */
  async observe<T>(during: string, action: () => T, p99MsMax?: number): Promise<T> {
    await using probe = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-all", PROBE_FILE, `${this.endpoint("tcp")}`],
      stdin: "piped",
      stdout: "piped",
      signal: this.#signal,
    }).spawn();
    const output = probe.stdout.pipeThrough(new TextDecoderStream()).getReader();
    if ((await output.read()).done) throw new Error("Cannot start the latency probe");
    const result = action();
    await probe.stdin.close();
    let text = "";
    for (let read; !(read = await output.read()).done;) text += read.value;
    this.#signal.throwIfAborted();
    this.#report.addProbe(during, JSON.parse(text), p99MsMax);
    return result;
  }

  /** Returns the server's counters, the reply to `q`. */
  counters(): string {
    this.observer.send("q\n");
    return this.observer.readUntil(/^shared_orphans: \d+\r?\n$/m);
  }

  /** Waits until the server counts at most `locks` locks, those of the probe not included. */
  awaitLocks(locks: number): void {
    const count = () => Number(/^locks: (\d+)/m.exec(this.counters())?.[1]);
    while (!(count() <= locks + PROBE_CLIENTS)) block(LOOK_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.observer.close();
    return this.#servers[Symbol.asyncDispose]();
  }
}

/** Returns how many connections this process, and each that it starts, has descriptors for. */
export function connectionsMax(): number {
  return descriptorsMax() - SPARE_DESCRIPTORS;
}

/** Returns `wanted`, or as many connections as are possible, and notes it. */
export function affordable(wanted: number, { note }: Context): number {
  const most = connectionsMax();
  if (wanted <= most) return wanted;
  note(`"ulimit -n" allows ${count(most)} connections, not ${count(wanted)}`);
  return most;
}

/** Sends a request for every number below `total`, in place of its `#`; skips the replies. */
export function sendNumbered(connection: Connection, request: string, total: number): void {
  for (let from = 0; from < total; from += BATCH) {
    const length = Math.min(BATCH, total - from);
    const requests = Array.from({ length }, (_, i) => `${request.replace("#", `${from + i}`)}\n`);
    connection.send(requests.join(""));
    connection.skipLines(length);
  }
}
