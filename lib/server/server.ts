/** Assembly: builds a server from a configuration, and takes it down again. No logic of its own. */
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import { serveSession } from "../dispatch/session.ts";
import { log } from "../log.ts";
import { denoDoors } from "../transport/accept.ts";
import { epollDoors } from "../transport/epoll/doors.ts";
import { Reactor } from "../transport/epoll/reactor.ts";
import type { Connection, Welcome } from "../transport/connection.ts";
import { startHousekeeping } from "./clock.ts";
import type { Config } from "./config.ts";
import { ConfError, loadConf, type LookyConf } from "./conf_file.ts";
import { labelOf, openListeners, type Welcomes } from "./listen.ts";
import { MarkFile } from "./tokens.ts";
import { buildServices, type Protocol, type Surroundings } from "./services.ts";

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

/** How long the connections may take to end politely before the program ends anyway. */
const STOP_MS = 2_000;
const LOOKY_PATH = /^\/looky\/?$/;

/** Starts a server. Throws `ConfError`, `StateError`, and `ListenError` when an address cannot be had. */
export async function startServer(config: Config, around: Surroundings = {}): Promise<Server> {
  const conf = loadConf(config.conf);
  if (conf !== undefined) lookThrough(conf, config);
  const marks = config.state === "" ? undefined : await MarkFile.open(config.state);
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
    : Reactor.open({ turnBegins: () => turn.next(), roundEnds: () => turn.roundEnds() });
  const doors = (reactor === undefined)
    ? denoDoors(config.replyBytesMax)
    : epollDoors(reactor, config.replyBytesMax);
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
      await deadline(Promise.all(ends), STOP_MS).catch(() => {});
      await doors.close();
      await turn.end();
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
  const glockd: Welcome = (connection) => void serve(connection, "glockd");
  const looky: Welcome = (connection) =>
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
