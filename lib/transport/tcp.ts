/** TCP: bytes as they come. */
import { addressText } from "./address.ts";
import type { ListeningSocket, OnAccept, SocketBackend } from "./backend.ts";
import type { Listener, OnConnection } from "./connection.ts";

export interface TcpSocket extends ListeningSocket {
  /** The address in use: the resolved host, and the port that the system chose for port 0. */
  readonly address: Deno.NetAddr;
}

/** Opens a listening socket. Throws what `Deno.listen` throws when the address is not available. */
export function openTcp(
  backend: SocketBackend,
  address: { readonly hostname: string; readonly port: number },
  onAccept: OnAccept,
): TcpSocket {
  const listener = Deno.listen({ transport: "tcp", ...address });
  const socket = backend.accept(listener, onAccept);
  return { address: listener.addr, close: () => socket.close() };
}

/** Listens for TCP connections. Throws what `Deno.listen` throws. */
export function listenTcp(
  backend: SocketBackend,
  at: { readonly hostname: string; readonly port: number },
  onConnection: OnConnection,
): Listener {
  const { address, close } = openTcp(backend, at, onConnection);
  return { label: `tcp ${addressText(address)}`, close };
}
