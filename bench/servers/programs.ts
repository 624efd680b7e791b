/**
 * How each server is started: on loopback, on free ports and paths, storing nothing on disk.
 *
 * The other servers run with their defaults, but for what 5,000 connections and a Unix socket need.
 * Holdfast runs as a user starts it: with the permissions of the task `start` in deno.json.
 */
import type { Endpoint } from "../clients/libc.ts";

export type ServerName = "Holdfast" | "Redis" | "memcached" | "glockd";
export const SERVERS: readonly ServerName[] = ["Holdfast", "Redis", "memcached", "glockd"];

/** A listening socket of a server; the last two are those of Holdfast's pools. */
export type ListenerName = "tcp" | "unix" | "websocket" | "looky" | "lookyUnix";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly listeners: Partial<Record<ListenerName, Endpoint>>;
  /** The arguments that print the version, and where it is in the output. */
  readonly version?: readonly [args: readonly string[], pattern: RegExp];
}

const root = new URL("../../", import.meta.url);

/** Returns undefined when the program is not on PATH. `folder` is for its sockets. */
export function programOf(name: ServerName, folder: string): Program | undefined {
  const program = { Holdfast: holdfast, Redis: redis, memcached, glockd }[name](folder);
  const args = ["-c", 'command -v "$0"', program.command];
  return new Deno.Command("sh", { args, stdout: "null" }).outputSync().success
    ? program
    : undefined;
}

/** Returns how to start Holdfast: from its source, or as an executable. */
export function holdfast(folder: string, executable?: string): Program {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  const task: string[] = tasks.start.command.split(" ").slice(1);
  const source = task.map((word) => word === "main.ts" ? new URL(word, root).pathname : word);
  const [tcp, websocket, looky] = [freePort(), freePort(), freePort()];
  const [unix, lookyUnix] = [`${folder}/holdfast.sock`, `${folder}/looky.sock`];
  // An empty file, so that the server does not load the pools of another.
  Deno.writeTextFileSync(`${folder}/looky.conf`, "");
  const flags = ["-port", tcp, "-ws", websocket, "-unix", unix];
  flags.push("-looky", looky, "-looky-unix", lookyUnix, "-conf", `${folder}/looky.conf`);
  return {
    command: executable ?? Deno.execPath(),
    args: [...executable === undefined ? source : [], ...flags.map(String)],
    listeners: { tcp, websocket, unix, looky, lookyUnix },
  };
}

function redis(folder: string): Program {
  const tcp = freePort();
  const unix = `${folder}/redis.sock`;
  const network = ["--bind", "127.0.0.1", "--port", `${tcp}`, "--unixsocket", unix];
  const noStorage = ["--save", "", "--appendonly", "no", "--dir", folder];
  return {
    command: "redis-server",
    args: [...network, ...noStorage, "--daemonize", "no"],
    listeners: { tcp, unix },
    version: [["--version"], /v=(\S+)/],
  };
}

function memcached(): Program {
  const tcp = freePort();
  const user = Deno.uid() === 0 ? ["-u", "nobody"] : [];
  return {
    command: "memcached",
    args: [...user, "-l", "127.0.0.1", "-p", `${tcp}`, "-U", "0", "-c", "8192"],
    listeners: { tcp },
    version: [["-V"], /(\d\S*)/],
  };
}

function glockd(folder: string): Program {
  const [tcp, websocket] = [freePort(), freePort()];
  const unix = `${folder}/glockd.sock`;
  const args = ["-port", `${tcp}`, "-ws", `${websocket}`, "-unix", unix];
  args.push("-pidfile", `${folder}/glockd.pid`);
  return { command: "glockd", args, listeners: { tcp, websocket, unix } };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
