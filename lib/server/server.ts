/** Assembly: builds a server from a configuration, and takes it down again. No logic of its own. */
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import { commands as glockdCommands } from "../commands/glockd/mod.ts";
import type { Need } from "../dispatch/command.ts";
import { Registry } from "../dispatch/registry.ts";
import { serveSession, type Service } from "../dispatch/session.ts";
import { Stats } from "../dispatch/stats.ts";
import { Table } from "../dispatch/table.ts";
import { Turn } from "../dispatch/turn.ts";
import { MemoryEngine } from "../engine/memory.ts";
import type { Connection } from "../transport/connection.ts";
import { glockd } from "../wire/glockd.ts";
import type { Config } from "./config.ts";
import { openListeners } from "./listen.ts";

export interface Server {
  /** What is listened on, for people. */
  readonly labels: readonly string[];
  /** Serves a connection that came some other way; resolves when it has ended. */
  serve(connection: Connection): Promise<void>;
  /** Stops accepting, ends all connections, leaves nothing behind. */
  stop(): Promise<void>;
}

/** How long the connections may take to end politely before the program ends anyway. */
const STOP_MS = 2_000;

/**
 * Starts a server. Throws `ListenError` when an address cannot be had.
 * @param tell where sessions tell what they do; the text has one character a byte.
 */
export async function startServer(
  config: Config,
  tell?: (event: string) => void,
): Promise<Server> {
  const service = buildService(config, tell);
  const live = new Map<Connection, Promise<void>>();
  const serve = (connection: Connection): Promise<void> => {
    const ended = serveSession(connection, service).then(() => void live.delete(connection));
    live.set(connection, ended);
    return ended;
  };
  const listeners = await openListeners(config, serve);
  return {
    labels: listeners.map(({ label }) => label),
    serve,
    async stop(): Promise<void> {
      for (const listener of listeners) listener.close();
      const ends = [...live].flatMap(([connection, ended]) => [connection.close(), ended]);
      // Those who are not done by then are ended by the end of the program.
      await deadline(Promise.all(ends), STOP_MS).catch(() => {});
      await service.turn.end();
    },
  };
}

function buildService(config: Config, tell: ((event: string) => void) | undefined): Service {
  const grants = new Set<Need>();
  if (config.dump) grants.add("dump");
  if (config.registry) grants.add("registry");
  return {
    dialect: glockd,
    table: new Table(glockdCommands, grants),
    engine: new MemoryEngine(),
    registry: new Registry(),
    stats: new Stats(),
    lineBytesMax: config.lineBytesMax,
    turn: new Turn(),
    tell,
  };
}
