/**
 * The test suite of the client, for every runtime: the cases use only what browsers, Deno and Node
 * have in common, and start servers and proxies by HTTP (tests/support/client_fixtures.ts).
 */
import type * as Api from "../../../lib/client/mod.ts";

export type { Api };
export type Transport = "tcp" | "unix" | "ws";

/** The URLs of a server, by transport. */
export type ServerUrls = Readonly<
  Record<Transport | "pools-tcp" | "pools-unix" | "pools-ws", string>
>;

export interface SuiteOptions {
  /** The library under test. */
  readonly api: typeof Api;
  /** The transport that connections use. */
  readonly transport: Transport;
  /** The URL of the fixture server. */
  readonly fixtures: string;
  /** The transports that this runtime does not have. */
  readonly unsupported: readonly Transport[];
}

export interface TestCase {
  readonly name: string;
  run(t: TestContext): Promise<void>;
}

export interface StartedServer {
  readonly url: string;
  readonly poolsUrl: string;
  readonly urls: ServerUrls;
  stop(): Promise<void>;
}

export interface Proxy {
  readonly url: string;
  /** Breaks all connections through the proxy. */
  cut(): Promise<void>;
  /** Refuses new connections from now on, or accepts them again. */
  refuse(refuse: boolean): Promise<void>;
}

/** The tools of a case. What the case opens with them is closed at its end. */
export class TestContext {
  readonly api: typeof Api;
  readonly transport: Transport;
  readonly unsupported: readonly Transport[];
  readonly #fixtures: string;
  readonly #closers: { close(): Promise<void> }[] = [];
  #server: Promise<StartedServer> | undefined;

  constructor({ api, transport, fixtures, unsupported }: SuiteOptions) {
    this.api = api;
    this.transport = transport;
    this.unsupported = unsupported;
    this.#fixtures = fixtures;
  }

  /** Starts a server for this case. By default it accepts web pages as administrators. */
  async server(flags: readonly string[] = ["-allow-force"]): Promise<StartedServer> {
    const { id, urls } = await this.#post<{ id: number; urls: ServerUrls }>("server", { flags });
    const stop = async () => void await this.#post("stop", { id });
    this.#closers.unshift({ close: stop });
    return { url: urls[this.transport], poolsUrl: urls[`pools-${this.transport}`], urls, stop };
  }

  /** Returns the URL of the server that cases use by default. */
  async url(): Promise<string> {
    return (await (this.#server ??= this.server())).url;
  }

  async connect(options?: Api.ClientOptions, url?: string): Promise<Api.Client> {
    return this.closeAtEnd(await this.api.connect(url ?? await this.url(), options));
  }

  async pools(): Promise<Api.PoolClient> {
    const { poolsUrl } = await (this.#server ??= this.server());
    return this.closeAtEnd(await this.api.connectPools(poolsUrl));
  }

  /** Closes the client at the end of the case. */
  closeAtEnd<C extends { close(): Promise<void> }>(client: C): C {
    this.#closers.push(client);
    return client;
  }

  /** Starts a proxy in front of the default server. */
  async proxy(): Promise<Proxy> {
    const target = { to: await this.url() };
    const { id, url } = await this.#post<{ id: number; url: string }>("proxy", target);
    return {
      url,
      cut: async () => void await this.#post("cut", { id }),
      refuse: async (refuse) => void await this.#post("refuse", { id, refuse }),
    };
  }

  /** Resolves when exactly `count` requests wait for the lock. */
  async untilQueued(client: Api.Client, name: string, count: number): Promise<Api.LockInfo> {
    for (;;) {
      const info = await client.describe(name);
      if (info?.queue.length === count) return info;
      if (info === undefined && count === 0) return { name, mode: "write", holders: [], queue: [] };
    }
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    const url = new URL(path, this.#fixtures);
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`Cannot ${path}: ${await response.text()}`);
    return await response.json() as T;
  }

  /** Closes clients first, then servers. */
  async close(): Promise<void> {
    for (const client of this.#closers.toReversed()) await client.close();
  }
}

/** Runs a case. Throws when it fails. */
export async function runCase({ run }: TestCase, options: SuiteOptions): Promise<void> {
  const context = new TestContext(options);
  try {
    await run(context);
  } finally {
    await context.close();
  }
}
