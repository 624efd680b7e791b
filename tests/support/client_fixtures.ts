/**
 * What the client's tests ask for by HTTP, whatever runs them: servers, proxies that can be cut, and
 * the files of a page. Servers live in this process, with a clock that goes.
 */
import { readConfig } from "../../lib/server/config.ts";
import { ListenError } from "../../lib/server/listen.ts";
import { startServer } from "../../lib/server/server.ts";
import type { Places } from "../client/suite/suite.ts";
import { CutProxy } from "./cut_proxy.ts";
import { freePlace } from "./server.ts";

/** Another test may take a free port before we do. */
const TRIES = 20;

interface Order {
  readonly id?: number;
  readonly flags?: string[];
  /** What a proxy stands before. */
  readonly to?: string;
  readonly refuse?: boolean;
}

export interface Stage extends AsyncDisposable {
  /** Where it is, for `Setting.stage`. */
  readonly url: string;
}

/** What a request of a page is answered with; undefined when it is none of its. */
export type Site = (request: Request) => Promise<Response | undefined>;

/** Starts one. @param site what else it serves. */
export function startStage(site: Site = () => Promise.resolve(undefined)): Stage {
  const props = new Props();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request): Promise<Response> => {
      const own = await site(request);
      if (own !== undefined) return own;
      const order = await request.json() as Order;
      return Response.json(await props.carryOut(new URL(request.url).pathname.slice(1), order));
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.shutdown();
      await props.clear();
    },
  };
}

/** The servers and proxies of a stage. */
class Props {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #proxies = new Map<number, CutProxy>();

  async carryOut(what: string, { id = -1, flags = [], to = "", refuse }: Order): Promise<unknown> {
    if (what === "server") return await this.#startServer(flags);
    if (what === "stop") {
      await this.#stops[id]?.();
      return {};
    }
    if (what === "proxy") {
      const proxy = await CutProxy.open(to);
      const id = this.#stops.push(() => Promise.resolve(proxy.close())) - 1;
      this.#proxies.set(id, proxy);
      return { id, url: proxy.url };
    }
    const proxy = this.#proxies.get(id);
    if (proxy === undefined) throw new Error(`there is no proxy ${id} to ${what}`);
    if (refuse !== undefined) proxy.refuses = refuse;
    else proxy.cut();
    return {};
  }

  async #startServer(flags: readonly string[]): Promise<{ id: number; places: Places }> {
    const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
    for (let left = TRIES;; left--) {
      const [tcp, ws, looky] = [freePlace().port, freePlace().port, freePlace().port];
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
          places: {
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
