/** Opens the listeners of a configuration. Errors name the listener, its address and its flag. */
import { log } from "../log.ts";
import type { Listener, OnConnection } from "../transport/connection.ts";
import type { OnAccept, SocketBackend } from "../transport/backend.ts";
import { listenTcp, openTcp } from "../transport/tcp.ts";
import { listenUnix } from "../transport/unix.ts";
import { listenWebSocket, type WebSocketRoute } from "../transport/websocket.ts";
import { type Config, LOOKY_PORT, LOOPBACK } from "./config.ts";
import type { LookyConf } from "./conf_file.ts";

/** A listener cannot be opened. Exit status 1. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** The handlers that take over new connections, by protocol. */
export interface ConnectionHandlers {
  readonly glockd: OnConnection;
  readonly looky: OnConnection;
  readonly route: WebSocketRoute;
}

/** A listener to open. */
interface ListenerPlan {
  /** Names the protocol in the label; empty for locks. */
  readonly prefix: string;
  readonly flag: string;
  readonly address: string;
  /** Whether the user asked for the listener; a mere default may fail to open. */
  readonly isRequired: boolean;
  open(): Listener | Promise<Listener>;
}

const EVERY_INTERFACE = /^(0\.0\.0\.0|::)$/;

/** Opens all listeners, or none. Throws `ListenError`. */
export async function openListeners(
  backend: SocketBackend,
  config: Config,
  conf: LookyConf | undefined,
  handlers: ConnectionHandlers,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const { prefix, flag, address, isRequired, open } of plan(backend, config, conf, handlers)) {
    try {
      const { label, close } = await open();
      listeners.push({ label: prefix + label, close });
    } catch (cause) {
      const message = `Cannot listen on ${address} (${flag}): ${advice(cause, flag)}`;
      if (!isRequired) {
        log.error(`${message}; starting without it`);
        continue;
      }
      for (const listener of listeners) listener.close();
      throw new ListenError(message, { cause });
    }
  }
  return listeners;
}

function plan(
  backend: SocketBackend,
  { host, port, ws, unix, looky, lookyUnix }: Config,
  conf: LookyConf | undefined,
  handlers: ConnectionHandlers,
): ListenerPlan[] {
  const plans: ListenerPlan[] = [];
  const tcp = (
    flag: string,
    prefix: string,
    hostname: string,
    port: number,
    onConnection: OnConnection,
  ) => {
    if (port === 0) return;
    const isRequired = flag !== "-looky" || looky !== undefined || conf !== undefined;
    const open = () => listenTcp(backend, { hostname, port }, onConnection);
    plans.push({ prefix, flag, address: `${hostname}:${port}`, isRequired, open });
  };
  const onUnix = (flag: string, prefix: string, path: string, onConnection: OnConnection) => {
    if (path === "") return;
    const open = () => listenUnix(backend, path, onConnection);
    plans.push({ prefix, flag, address: path, isRequired: true, open });
  };
  const hostname = host ?? LOOPBACK;
  tcp("-port", "", hostname, port, handlers.glockd);
  if (ws > 0) {
    const openSocket = (onAccept: OnAccept) => openTcp(backend, { hostname, port: ws }, onAccept);
    const open = () => listenWebSocket(openSocket, handlers.route);
    plans.push({ prefix: "", flag: "-ws", address: `${hostname}:${ws}`, isRequired: true, open });
  }
  onUnix("-unix", "", unix, handlers.glockd);
  const lookyPort = looky ?? conf?.port ?? LOOKY_PORT;
  tcp("-looky", "looky ", host ?? conf?.address ?? LOOPBACK, lookyPort, handlers.looky);
  onUnix("-looky-unix", "looky ", lookyUnix, handlers.looky);
  return plans;
}

function advice(cause: unknown, flag: string): string {
  const isUnix = flag.endsWith("unix");
  if (cause instanceof Deno.errors.AddrInUse) {
    const other = isUnix ? "path" : "port";
    return `it is in use; stop the program that uses it, or choose another ${other} with ${flag}`;
  }
  if (cause instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address; choose one it has with -host, or 0.0.0.0 for all";
  }
  if (cause instanceof Deno.errors.PermissionDenied && !isUnix) {
    return "permission denied; ports below 1024 need privileges, so choose a higher one";
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return isUnix ? `${why}; choose another path with ${flag}` : `${why}; check ${flag} and -host`;
}

/** Returns the label of a listener for people; it says when the whole network can connect. */
export function labelOf({ label }: Listener): string {
  const isOpen = EVERY_INTERFACE.test(
    /([^ /]+):\d+\/?$/.exec(label)?.[1]?.replace(/[[\]]/g, "") ?? "",
  );
  return isOpen ? `${label} (every interface)` : label;
}
