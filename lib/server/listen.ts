/** Opening the listeners a configuration asks for; a failure says what, where and which flag. */
import type { Listener, Welcome } from "../transport/connection.ts";
import { listenTcp } from "../transport/tcp.ts";
import { listenUnix } from "../transport/unix.ts";
import { listenWebSocket } from "../transport/websocket.ts";
import type { Config } from "./config.ts";

/** A listener could not be opened. Exit status 1. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

type Opener = () => Listener | Promise<Listener>;

/** Opens all listeners, or none. Throws `ListenError`. */
export async function openListeners(config: Config, welcome: Welcome): Promise<Listener[]> {
  const { host: hostname, port, ws, unix } = config;
  const wanted: [flag: string, place: string, open: Opener][] = [];
  if (port > 0) {
    wanted.push(["-port", `${hostname}:${port}`, () => listenTcp({ hostname, port }, welcome)]);
  }
  if (ws > 0) {
    const open = () => listenWebSocket({ hostname, port: ws }, welcome);
    wanted.push(["-ws", `${hostname}:${ws}`, open]);
  }
  if (unix !== "") wanted.push(["-unix", unix, () => listenUnix(unix, welcome)]);
  const listeners: Listener[] = [];
  for (const [flag, place, open] of wanted) {
    try {
      listeners.push(await open());
    } catch (cause) {
      for (const listener of listeners) listener.close();
      throw new ListenError(`Cannot listen on ${place} (${flag}): ${advice(cause, flag)}`, {
        cause,
      });
    }
  }
  return listeners;
}

function advice(cause: unknown, flag: string): string {
  if (cause instanceof Deno.errors.AddrInUse) {
    const other = flag === "-unix" ? "path" : "port";
    return `it is in use; stop the program that has it, or choose another ${other} with ${flag}`;
  }
  if (cause instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address; give one of its own with -host, or 0.0.0.0 for all";
  }
  if (cause instanceof Deno.errors.PermissionDenied && flag !== "-unix") {
    return "not permitted; ports below 1024 need privileges, choose a higher one";
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return flag === "-unix"
    ? why
    : `${why}; is ${flag === "-port" ? "-port or" : "-ws or"} -host right?`;
}
