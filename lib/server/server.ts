/** Assembles a server from its configuration, and stops it. Contains no other logic. */
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
import { type ConnectionHandlers, labelOf, openListeners } from "./listen.ts";
import { TokenFile } from "./fencing_tokens.ts";
import { buildServices, type Overrides, type Protocol } from "./services.ts";

export interface Server {
  /** Describes the listeners for people. */
  readonly labels: readonly string[];
  /** Resolves when a client has sent `halt`. */
  readonly halted: Promise<void>;
  /** Serves a connection from elsewhere, such as a test. Resolves when the connection has ended. */
  serve(connection: Connection, protocol?: Protocol): Promise<void>;
  /** Stops accepting, closes all connections, and releases all resources. */
  stop(): Promise<void>;
}

const LOOKY_PATH = /^\/looky\/?$/;

/** Starts a server. Throws `ConfError`, `StateError`, or `ListenError`. */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const conf = loadConf(config.conf);
  if (conf !== undefined) checkConf(conf, config);
  const tokenFile = config.state === "" ? undefined : await TokenFile.open(config.state);
  const services = buildServices(config, conf, overrides, tokenFile);
  const { engine, timeSlice } = services.glockd;
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
  const reactor = overrides.withoutEpoll ? undefined : Reactor.open({
    onSliceStart: () => timeSlice.onSliceStart(),
    onRoundEnd: () => timeSlice.onRoundEnd(),
  });
  const backend = (reactor === undefined)
    ? denoBackend(config.replyBytesMax)
    : epollBackend(reactor, config.replyBytesMax);
  const listeners = await openListeners(backend, config, conf, handlersFor(serve, conf))
    .catch(async (error) => {
      tokenFile?.close();
      await backend.close();
      throw error;
    });
  const stopHousekeeping = startHousekeeping(engine, timeSlice);
  return {
    labels: listeners.map(labelOf),
    halted,
    serve,
    async stop(): Promise<void> {
      const closings = listeners.map((listener) => listener.close());
      stopHousekeeping();
      await services.drain();
      const ends = [...live].flatMap(([connection, ended]) => [connection.close(), ended]);
      // Connections that are still open then are closed when the process ends.
      await deadline(Promise.all([...closings, ...ends]), STOP_MS_MAX).catch(() => {});
      await backend.close();
      await timeSlice.yield();
      engine.close();
      tokenFile?.close();
    },
  };
}

/** Returns the handlers for new connections; looky.conf decides which peers may use pools. */
function handlersFor(
  serve: (connection: Connection, protocol: Protocol) => Promise<void>,
  conf: LookyConf | undefined,
): ConnectionHandlers {
  const admits = (host: string | undefined) =>
    host === undefined || conf === undefined || conf.accessList(host);
  const glockd: OnConnection = (connection) => void serve(connection, "glockd");
  const looky: OnConnection = (connection) =>
    void (admits(connection.host) ? serve(connection, "looky") : connection.close());
  const route = (path: string, host: string | undefined) => {
    if (!LOOKY_PATH.test(path)) return glockd;
    return admits(host) ? looky : undefined;
  };
  return { glockd, looky, route };
}

/** Checks a file against the flags, and warns of unknown keys. Throws `ConfError`. */
function checkConf({ path, port, unknownKeys }: LookyConf, config: Config): void {
  if (unknownKeys.length > 0) {
    log.error(`${path}: ignoring unknown keys: ${unknownKeys.join(", ")}`);
  }
  if (config.looky !== undefined || !port) return;
  const flag = port === config.port ? "-port" : port === config.ws ? "-ws" : undefined;
  if (flag) {
    throw new ConfError(
      `${path}: port ${port} is the same as ${flag}; choose another for one of them`,
    );
  }
}
