/**
 * How each server is started: on loopback, on ports and paths of its own, keeping nothing on disk.
 *
 * The peers as they come, but for what 5,000 connections and a Unix socket need; Holdfast as a user
 * starts it, with the rights of the task `start`, whatever they are by then.
 */
import type { Place } from "../load/dial.ts";
import type { Door, ServerName } from "./rows.ts";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly doors: Partial<Record<Door, Place>>;
  /** Asks for the version: arguments, and where it stands in the answer. */
  readonly asksVersion?: readonly [arguments: readonly string[], answer: RegExp];
}

const root = new URL("../../", import.meta.url);

/** How to start a server; undefined when it is not here. `folder` is for its sockets. */
export function programOf(name: ServerName, folder: string): Program | undefined {
  if (name === "Holdfast") return holdfast(folder);
  const executable = { Redis: "redis-server", memcached: "memcached", glockd: "glockd" }[name];
  const command = onPath(executable);
  if (command === undefined) return undefined;
  return { Redis: redis, memcached, glockd }[name](command, folder);
}

/** From the source, as the task does it; or another program that takes the same flags. */
export function holdfast(folder: string, executable?: string): Program {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  const [, ...task] = tasks.start.command.split(" ");
  const source = task.map((word: string) =>
    word === "main.ts" ? new URL(word, root).pathname : word
  );
  const [tcp, websocket, looky] = [freePort(), freePort(), freePort()];
  const unix = `${folder}/holdfast.sock`;
  // An empty file of pools, so that one that lies about is not taken.
  Deno.writeTextFileSync(`${folder}/looky.conf`, "");
  const flags = ["-port", tcp, "-ws", websocket, "-looky", looky, "-unix", unix];
  flags.push("-conf", `${folder}/looky.conf`);
  return {
    command: executable ?? Deno.execPath(),
    args: [...executable === undefined ? source : [], ...flags.map(String)],
    doors: { tcp, websocket, looky, unix },
  };
}

function redis(command: string, folder: string): Program {
  const tcp = freePort();
  const unix = `${folder}/redis.sock`;
  const network = ["--bind", "127.0.0.1", "--port", `${tcp}`, "--unixsocket", unix];
  const nothingKept = ["--save", "", "--appendonly", "no", "--dir", folder];
  return {
    command,
    args: [...network, ...nothingKept, "--daemonize", "no"],
    doors: { tcp, unix },
    asksVersion: [["--version"], /v=(\S+)/],
  };
}

function memcached(command: string): Program {
  const tcp = freePort();
  const asNobody = Deno.uid() === 0 ? ["-u", "nobody"] : [];
  return {
    command,
    args: [...asNobody, "-l", "127.0.0.1", "-p", `${tcp}`, "-U", "0", "-c", "8192"],
    doors: { tcp },
    asksVersion: [["-V"], /(\d\S*)/],
  };
}

function glockd(command: string, folder: string): Program {
  const [tcp, websocket] = [freePort(), freePort()];
  const unix = `${folder}/glockd.sock`;
  const args = ["-port", `${tcp}`, "-ws", `${websocket}`, "-unix", unix];
  return {
    command,
    args: [...args, "-pidfile", `${folder}/glockd.pid`],
    doors: { tcp, websocket, unix },
  };
}

function onPath(executable: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  return folders.map((folder) => `${folder}/${executable}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
