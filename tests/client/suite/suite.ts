/**
 * The client's tests, for every runtime: they use what browsers, Deno and Node have in common, and
 * ask for servers and proxies by HTTP (tests/support/client_stage.ts).
 */
import type * as Api from "../../../lib/client/mod.ts";

export type { Api };
export type Kind = "tcp" | "unix" | "ws";

/** Where a server is, by kind. */
export type Places = Readonly<Record<Kind | "pools-tcp" | "pools-unix" | "pools-ws", string>>;

export interface Setting {
  /** The library under test. */
  readonly api: typeof Api;
  /** How its connections are made. */
  readonly kind: Kind;
  /** Where servers and proxies can be had. */
  readonly stage: string;
  /** What this runtime does not have. */
  readonly lacks: readonly Kind[];
}

export interface Case {
  readonly name: string;
  run(tools: Tools): Promise<void>;
}

export interface ServerPlace {
  readonly url: string;
  readonly pools: string;
  readonly places: Places;
  stop(): Promise<void>;
}

export interface Proxy {
  readonly url: string;
  /** Cuts all connections that go through it. */
  cut(): Promise<void>;
  /** Takes no new ones from now on, or does so again. */
  refuse(refuse: boolean): Promise<void>;
}

/** What a case has at hand; all it has opened is closed at its end. */
export class Tools {
  readonly api: typeof Api;
  readonly kind: Kind;
  readonly lacks: readonly Kind[];
  readonly #stage: string;
  readonly #clients: { close(): Promise<void> }[] = [];
  #server: Promise<ServerPlace> | undefined;

  constructor({ api, kind, stage, lacks }: Setting) {
    this.api = api;
    this.kind = kind;
    this.lacks = lacks;
    this.#stage = stage;
  }

  /** A server of this case alone. Web pages are no administrators, unless it is told so. */
  async server(flags: readonly string[] = ["-allow-force"]): Promise<ServerPlace> {
    const { id, places } = await this.#post<{ id: number; places: Places }>("server", { flags });
    const stop = async () => void await this.#post("stop", { id });
    this.#clients.unshift({ close: stop });
    return { url: places[this.kind], pools: places[`pools-${this.kind}`], places, stop };
  }

  /** The server that a case without wishes talks to. */
  async url(): Promise<string> {
    return (await (this.#server ??= this.server())).url;
  }

  async connect(options?: Api.ClientOptions, url?: string): Promise<Api.Client> {
    return this.keep(await this.api.connect(url ?? await this.url(), options));
  }

  async pools(): Promise<Api.PoolClient> {
    const { pools } = await (this.#server ??= this.server());
    return this.keep(await this.api.connectPools(pools));
  }

  /** Closes it at the end. */
  keep<C extends { close(): Promise<void> }>(client: C): C {
    this.#clients.push(client);
    return client;
  }

  /** What stands between a client and the server, and can be cut. */
  async proxy(): Promise<Proxy> {
    const asked = { to: await this.url() };
    const { id, url } = await this.#post<{ id: number; url: string }>("proxy", asked);
    return {
      url,
      cut: async () => void await this.#post("cut", { id }),
      refuse: async (refuse) => void await this.#post("refuse", { id, refuse }),
    };
  }

  /** Resolves once that many wait for the lock. */
  async untilQueued(client: Api.Client, name: string, count: number): Promise<Api.LockInfo> {
    for (;;) {
      const info = await client.describe(name);
      if (info?.queue.length === count) return info;
      if (info === undefined && count === 0) return { name, mode: "write", holders: [], queue: [] };
    }
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    const url = new URL(path, this.#stage);
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the stage refuses ${path}: ${await response.text()}`);
    return await response.json() as T;
  }

  /** Clients first, then the servers. */
  async close(): Promise<void> {
    for (const client of this.#clients.toReversed()) await client.close();
  }
}

/** Runs a case; throws what is wrong. */
export async function runCase({ run }: Case, setting: Setting): Promise<void> {
  const tools = new Tools(setting);
  try {
    await run(tools);
  } finally {
    await tools.close();
  }
}
