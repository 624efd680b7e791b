/** TCP: bytes as they come. */
import { acceptAll, addressText, hostText } from "./accept.ts";
import type { Listener, Welcome } from "./connection.ts";
import { StreamConnection } from "./stream.ts";

export interface TcpOptions {
  readonly hostname: string;
  readonly port: number;
}

/** Listens; throws what `Deno.listen` throws when the address cannot be had. */
export function listenTcp(options: TcpOptions, welcome: Welcome): Listener {
  const listener = Deno.listen({ transport: "tcp", ...options });
  acceptAll(listener, (conn) => welcome(tcpConnection(conn)));
  return {
    label: `tcp ${addressText(listener.addr as Deno.NetAddr)}`,
    close: () => listener.close(),
  };
}

/** An accepted socket, set up: replies go at once, and a vanished host is noticed some day. */
export function tcpConnection(conn: Deno.TcpConn): StreamConnection {
  conn.setNoDelay(true);
  conn.setKeepAlive(true);
  return new StreamConnection(conn, addressText(conn.remoteAddr), hostText(conn.remoteAddr));
}
