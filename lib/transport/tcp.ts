/** TCP listeners; a connection is a plain byte stream. */
import { addressText } from "./address.ts";
import type { ListeningSocket, OnAccept, SocketBackend } from "./backend.ts";
import type { Listener, OnConnection } from "./connection.ts";

export interface TcpSocket extends ListeningSocket {
  /** The address in use: the resolved host, and the port that the system chose for port 0. */
  readonly address: Deno.NetAddr;
}

/** Opens a listening socket. Throws the errors of `Deno.listen`. */
export function openTcp(
  backend: SocketBackend,
  address: { readonly hostname: string; readonly port: number },
  onAccept: OnAccept,
): TcpSocket {
  const listener = Deno.listen({ transport: "tcp", ...address });
  const socket = backend.accept(listener, onAccept);
  return { address: listener.addr, close: () => socket.close() };
}

/** Listens for TCP connections. Throws the errors of `Deno.listen`. */
export function listenTcp(
  backend: SocketBackend,
  requested: { readonly hostname: string; readonly port: number },
  onConnection: OnConnection,
): Listener {
  const { address, close } = openTcp(backend, requested, onConnection);
  return { label: `tcp ${addressText(address)}`, close };
}
