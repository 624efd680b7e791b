/** What a scenario plays on: a server of its own, and helpers, all ended whatever happens. */
import { type Server, Servers } from "../sockets/servers.ts";
import type { Meanwhile, Outcome } from "./figures.ts";
import { Helper } from "./helper.ts";
import type { HolderOrder, ProberOrder } from "./orders.ts";
import { pause } from "./pause.ts";
import type { Probe } from "./probe.ts";

export interface Sizes {
  readonly connections: number;
  readonly locksEach: number;
  readonly resets: number;
  readonly waiters: number;
  readonly locks: number;
  readonly consumers: number;
  readonly starts: number;
}

/** What every scenario is given. */
export interface Circumstance {
  readonly sizes: Sizes;
  readonly signal: AbortSignal;
  /** Another program than the source, where there is one. */
  readonly executable: string | undefined;
  /** Says what the reader of the figures has to know. */
  note(text: string): void;
}

export type Scenario = (given: Circumstance) => Promise<Pick<Outcome, "figures" | "meanwhile">>;

/** What the prober needs until all of it is compiled. */
const PROBER_WARMUP_MS = 1000;

export class Stage implements AsyncDisposable {
  readonly meanwhile: Meanwhile[] = [];
  readonly server: Server;
  readonly holder: Helper<HolderOrder>;
  readonly #signal: AbortSignal;
  readonly #end = new AsyncDisposableStack();
  #prober: Helper<ProberOrder> | undefined;

  private constructor(server: Server, signal: AbortSignal, begun: AsyncDisposable) {
    this.server = server;
    this.#signal = signal;
    this.#end.use(begun);
    this.holder = this.#start("holder");
  }

  static async open(signal: AbortSignal): Promise<Stage> {
    await using begun = new AsyncDisposableStack();
    const folder = Deno.makeTempDirSync({ prefix: "holdfast-bench-" });
    begun.defer(() => Deno.removeSync(folder, { recursive: true }));
    const servers = new Servers(folder);
    begun.defer(() => servers.end());
    const server = await servers.start("Holdfast");
    signal.throwIfAborted();
    if (server === undefined) throw new Error("Holdfast cannot be started");
    return new Stage(server, signal, begun.move());
  }

  /** Lets others ask while something goes on, and notes what they met. */
  async watch<T>(during: string, happens: () => Promise<T>): Promise<T> {
    if (this.#prober === undefined) {
      this.#prober = this.#start("prober");
      await pause(PROBER_WARMUP_MS, this.#signal);
    }
    await this.#prober.ask({ kind: "begin" });
    const outcome = await happens();
    this.meanwhile.push({ during, probe: await this.#prober.ask<Probe>({ kind: "end" }) });
    return outcome;
  }

  /** What the last watch has told. */
  get last(): Meanwhile {
    return this.meanwhile.at(-1)!;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end.disposeAsync();
  }

  #start<Order>(name: string): Helper<Order> {
    const helper = new Helper<Order>(name, [`${this.server.doors.tcp}`], this.#signal);
    this.#end.defer(() => helper.end());
    return helper;
  }
}
