/** Opening the listeners a configuration asks for; a failure says what, where and which flag. */
import { log } from "../log.ts";
import type { Listener, OnConnection } from "../transport/connection.ts";
import type { SocketBackend } from "../transport/backend.ts";
import { listenTcp } from "../transport/tcp.ts";
import { listenUnix } from "../transport/unix.ts";
import { listenWebSocket, type Route } from "../transport/websocket.ts";
import { type Config, LOOKY_PORT, LOOPBACK } from "./config.ts";
import type { LookyConf } from "./conf_file.ts";

/** A listener could not be opened. Exit status 1. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Who takes over the connections of each protocol. */
export interface Welcomes {
  readonly glockd: OnConnection;
  readonly looky: OnConnection;
  readonly route: Route;
}

interface Wanted {
  /** For people: what is served there, if that is not locks. */
  readonly what: string;
  readonly flag: string;
  readonly place: string;
  /** Whether somebody asked for it: what is only a default may be missing. */
  readonly isAsked: boolean;
  open(): Listener | Promise<Listener>;
}

const EVERY_INTERFACE = /^(0\.0\.0\.0|::)$/;

/** Opens all listeners, or none. Throws `ListenError`. */
export async function openListeners(
  doors: SocketBackend,
  config: Config,
  conf: LookyConf | undefined,
  welcomes: Welcomes,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const wanted of wantedBy(doors, config, conf, welcomes)) {
    const { what, flag, place, isAsked, open } = wanted;
    try {
      const { label, close } = await open();
      listeners.push({ label: what + label, close });
    } catch (cause) {
      const message = `Cannot listen on ${place} (${flag}): ${advice(cause, flag)}`;
      if (!isAsked) {
        log.error(`${message}; going on without it`);
        continue;
      }
      for (const listener of listeners) listener.close();
      throw new ListenError(message, { cause });
    }
  }
  return listeners;
}

function wantedBy(
  doors: SocketBackend,
  { host, port, ws, unix, looky, lookyUnix }: Config,
  conf: LookyConf | undefined,
  { glockd, looky: lookyWelcome, route }: Welcomes,
): Wanted[] {
  const wanted: Wanted[] = [];
  const tcp = (
    flag: string,
    what: string,
    hostname: string,
    port: number,
    welcome: OnConnection,
  ) => {
    if (port === 0) return;
    const isAsked = flag !== "-looky" || looky !== undefined || conf !== undefined;
    const open = () => listenTcp(doors, { hostname, port }, welcome);
    wanted.push({ what, flag, place: `${hostname}:${port}`, isAsked, open });
  };
  const onUnix = (flag: string, what: string, path: string, welcome: OnConnection) => {
    if (path === "") return;
    const open = () => listenUnix(doors, path, welcome);
    wanted.push({ what, flag, place: path, isAsked: true, open });
  };
  const hostname = host ?? LOOPBACK;
  tcp("-port", "", hostname, port, glockd);
  if (ws > 0) {
    const open = () => listenWebSocket(doors, { hostname, port: ws }, route);
    wanted.push({ what: "", flag: "-ws", place: `${hostname}:${ws}`, isAsked: true, open });
  }
  onUnix("-unix", "", unix, glockd);
  const lookyPort = looky ?? conf?.port ?? LOOKY_PORT;
  tcp("-looky", "looky ", host ?? conf?.address ?? LOOPBACK, lookyPort, lookyWelcome);
  onUnix("-looky-unix", "looky ", lookyUnix, lookyWelcome);
  return wanted;
}

function advice(cause: unknown, flag: string): string {
  const isUnix = flag.endsWith("unix");
  if (cause instanceof Deno.errors.AddrInUse) {
    const other = isUnix ? "path" : "port";
    return `it is in use; stop the program that has it, or choose another ${other} with ${flag}`;
  }
  if (cause instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address; give one of its own with -host, or 0.0.0.0 for all";
  }
  if (cause instanceof Deno.errors.PermissionDenied && !isUnix) {
    return "not permitted; ports below 1024 need privileges, choose a higher one";
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return isUnix ? why : `${why}; is ${flag} or -host right?`;
}

/** What a listener is and where, for people; one that the whole network reaches says so. */
export function labelOf({ label }: Listener): string {
  const isOpen = EVERY_INTERFACE.test(
    /([^ /]+):\d+\/?$/.exec(label)?.[1]?.replace(/[[\]]/g, "") ?? "",
  );
  return isOpen ? `${label} (every interface)` : label;
}
