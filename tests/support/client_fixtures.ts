/**
 * An HTTP server that starts fixtures for the client suite in any runtime: servers under test,
 * proxies that can be cut, and the files of a page. The servers run in this process, in real time.
 */
import { readConfig } from "../../lib/server/config.ts";
import { ListenError } from "../../lib/server/listen.ts";
import { startServer } from "../../lib/server/server.ts";
import type { ServerUrls } from "../client/suite/suite.ts";
import { CutProxy } from "./cut_proxy.ts";
import { freeAddress } from "./server.ts";

/** Attempts to listen: another test may take a free port first. */
const ATTEMPTS = 20;

interface FixtureRequest {
  readonly id?: number;
  readonly flags?: string[];
  /** The URL that a proxy connects to. */
  readonly to?: string;
  readonly refuse?: boolean;
}

export interface FixtureServer extends AsyncDisposable {
  /** For `SuiteOptions.fixtures`. */
  readonly url: string;
}

/** Answers other requests, such as those of a page; undefined for a fixture request. */
export type RequestHandler = (request: Request) => Promise<Response | undefined>;

/** @param handler is asked first */
export function startFixtures(
  handler: RequestHandler = () => Promise.resolve(undefined),
): FixtureServer {
  const fixtures = new Fixtures();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request): Promise<Response> => {
      const response = await handler(request);
      if (response !== undefined) return response;
      const body = await request.json() as FixtureRequest;
      return Response.json(await fixtures.run(new URL(request.url).pathname.slice(1), body));
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.shutdown();
      await fixtures.clear();
    },
  };
}

/** The servers and proxies that were started. */
class Fixtures {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #proxies = new Map<number, CutProxy>();

  async run(
    action: string,
    { id = -1, flags = [], to = "", refuse }: FixtureRequest,
  ): Promise<unknown> {
    if (action === "server") return await this.#startServer(flags);
    if (action === "stop") {
      await this.#stops[id]?.();
      return {};
    }
    if (action === "proxy") {
      const proxy = await CutProxy.open(to);
      const id = this.#stops.push(() => Promise.resolve(proxy.close())) - 1;
      this.#proxies.set(id, proxy);
      return { id, url: proxy.url };
    }
    const proxy = this.#proxies.get(id);
    if (proxy === undefined) throw new Error(`Cannot ${action} proxy ${id}: there is none`);
    if (refuse !== undefined) proxy.refuses = refuse;
    else proxy.cut();
    return {};
  }

  async #startServer(flags: readonly string[]): Promise<{ id: number; urls: ServerUrls }> {
    const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
    for (let left = ATTEMPTS;; left--) {
      const [tcp, ws, looky] = [freeAddress().port, freeAddress().port, freeAddress().port];
      if (new Set([tcp, ws, looky]).size < 3) continue;
      const [unix, lookyUnix] = [`${folder}/s.sock`, `${folder}/l.sock`];
      try {
        const ports = [`-port=${tcp}`, `-ws=${ws}`, `-looky=${looky}`];
        const paths = [`-unix=${unix}`, `-looky-unix=${lookyUnix}`];
        const server = await startServer(readConfig([...ports, ...paths, ...flags]));
        let stopping: Promise<void> | undefined;
        const stop = async () => {
          await server.stop();
          await Deno.remove(folder, { recursive: true });
        };
        const id = this.#stops.push(() => stopping ??= stop()) - 1;
        return {
          id,
          urls: {
            tcp: `tcp://127.0.0.1:${tcp}`,
            unix: `unix:${unix}`,
            ws: `ws://127.0.0.1:${ws}/`,
            "pools-tcp": `tcp://127.0.0.1:${looky}`,
            "pools-unix": `unix:${lookyUnix}`,
            "pools-ws": `ws://127.0.0.1:${ws}/looky`,
          },
        };
      } catch (error) {
        if (!(error instanceof ListenError) || left === 0) throw error;
      }
    }
  }

  async clear(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}
