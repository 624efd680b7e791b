/** Assembly: builds a server from a configuration, and takes it down again. No logic of its own. */
import { startHousekeeping } from "./housekeeping.ts";
import { STOP_MS_MAX } from "../limits.ts";
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import { serveSession } from "../dispatch/session.ts";
import { log } from "../log.ts";
import { denoBackend } from "../transport/deno_backend.ts";
import { epollBackend } from "../transport/epoll/backend.ts";
import { Reactor } from "../transport/epoll/reactor.ts";
import type { Connection, OnConnection } from "../transport/connection.ts";
import type { Config } from "./config.ts";
import { ConfError, loadConf, type LookyConf } from "./conf_file.ts";
import { labelOf, openListeners, type Welcomes } from "./listen.ts";
import { TokenFile } from "./fencing_tokens.ts";
import { buildServices, type Overrides, type Protocol } from "./services.ts";

export interface Server {
  /** What is listened on, for people. */
  readonly labels: readonly string[];
  /** Resolves when a client has asked the program to end. */
  readonly halted: Promise<void>;
  /** Serves a connection that came some other way; resolves when it has ended. */
  serve(connection: Connection, protocol?: Protocol): Promise<void>;
  /** Stops accepting, ends all connections, leaves nothing behind. */
  stop(): Promise<void>;
}

const LOOKY_PATH = /^\/looky\/?$/;

/** Starts a server. Throws `ConfError`, `StateError`, and `ListenError` when an address cannot be had. */
export async function startServer(config: Config, around: Overrides = {}): Promise<Server> {
  const conf = loadConf(config.conf);
  if (conf !== undefined) lookThrough(conf, config);
  const marks = config.state === "" ? undefined : await TokenFile.open(config.state);
  const services = buildServices(config, conf, around, marks);
  const { engine, turn } = services.glockd;
  const live = new Map<Connection, Promise<void>>();
  const { promise: halted, resolve: halt } = Promise.withResolvers<void>();
  const serve = (connection: Connection, protocol: Protocol = "glockd"): Promise<void> => {
    const ended = serveSession(connection, services[protocol]).then((last) => {
      live.delete(connection);
      if (last === "halt") halt();
    });
    live.set(connection, ended);
    return ended;
  };
  const reactor = around.withoutEpoll
    ? undefined
    : Reactor.open({ turnBegins: () => turn.onSliceStart(), roundEnds: () => turn.onRoundEnd() });
  const doors = (reactor === undefined)
    ? denoBackend(config.replyBytesMax)
    : epollBackend(reactor, config.replyBytesMax);
  const listeners = await openListeners(doors, config, conf, welcomes(serve, conf))
    .catch(async (error) => {
      marks?.close();
      await doors.close();
      throw error;
    });
  const endHousekeeping = startHousekeeping(engine, turn);
  return {
    labels: listeners.map(labelOf),
    halted,
    serve,
    async stop(): Promise<void> {
      for (const listener of listeners) listener.close();
      endHousekeeping();
      services.glockd.program.isDraining = true;
      await engine.drain();
      const ends = [...live].flatMap(([connection, ended]) => [connection.close(), ended]);
      // Those who are not done by then are ended by the end of the program.
      await deadline(Promise.all(ends), STOP_MS_MAX).catch(() => {});
      await doors.close();
      await turn.yield();
      engine.close();
      marks?.close();
    },
  };
}

/** Who takes over which connection; the Looky protocol is for those whom looky.conf admits. */
function welcomes(
  serve: (connection: Connection, protocol: Protocol) => Promise<void>,
  conf: LookyConf | undefined,
): Welcomes {
  const admits = (host: string | undefined) =>
    host === undefined || conf === undefined || conf.access(host);
  const glockd: OnConnection = (connection) => void serve(connection, "glockd");
  const looky: OnConnection = (connection) =>
    void (admits(connection.host) ? serve(connection, "looky") : connection.close());
  const route = (path: string, host: string | undefined) => {
    if (!LOOKY_PATH.test(path)) return glockd;
    return admits(host) ? looky : undefined;
  };
  return { glockd, looky, route };
}

/** What is wrong with a file beyond its single lines. Throws `ConfError`. */
function lookThrough({ path, port, unknownKeys }: LookyConf, config: Config): void {
  if (unknownKeys.length > 0) {
    log.error(`${path}: these keys mean nothing here and are ignored: ${unknownKeys.join(", ")}`);
  }
  if (config.looky !== undefined || !port) return;
  const flag = port === config.port ? "-port" : port === config.ws ? "-ws" : undefined;
  if (flag) throw new ConfError(`${path}: port is ${port}, as ${flag} is; choose another for one`);
}
