/** Streams that the runtime accepts, and how a socket address reads as text. */
import { log } from "../log.ts";
import { DenoStream } from "./deno_stream.ts";
import type { ListeningSocket, SocketBackend } from "./backend.ts";

/** How long to wait when nobody can be accepted, mostly for want of descriptors. */
const RETRY_MS = 100;
/** What accepting a peer that has reset already may fail with. */
const GONE = [
  Deno.errors.NotConnected,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
];

export const denoBackend = (unsentBytesMax: number): SocketBackend => ({
  tcp(options, arrive): ReturnType<SocketBackend["tcp"]> {
    const listener = Deno.listen({ transport: "tcp", ...options });
    acceptAll(listener, (conn) => arrive(tcpStream(conn, unsentBytesMax)));
    return { address: listener.addr as Deno.NetAddr, close: () => listener.close() };
  },
  unix(path, arrive): ListeningSocket {
    const listener = Deno.listen({ transport: "unix", path });
    let arrived = 0;
    acceptAll(
      listener,
      (conn) => arrive(new DenoStream(conn, unsentBytesMax, `unix:${++arrived}`)),
    );
    return { close: () => listener.close() };
  },
  close: () => Promise.resolve(),
});

/** An accepted socket, set up: replies go at once, and a vanished host is noticed some day. */
function tcpStream(conn: Deno.TcpConn, unsentBytesMax: number): DenoStream {
  conn.setNoDelay(true);
  conn.setKeepAlive(true);
  const { remoteAddr } = conn;
  return new DenoStream(conn, unsentBytesMax, addressText(remoteAddr), hostText(remoteAddr));
}

/** Hands every arriving socket to `arrive` until the listener is closed; never throws. */
async function acceptAll<C extends Deno.Conn>(
  listener: { accept(): Promise<C> },
  arrive: (conn: C) => void | Promise<void>,
): Promise<void> {
  let failing = false;
  for (;;) {
    try {
      const conn = await listener.accept();
      failing = false;
      receive(conn, arrive);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      if (error instanceof Deno.errors.Interrupted) return;
      if (GONE.some((kind) => error instanceof kind)) continue; // the peer left while it waited
      // Out of descriptors, mostly. One line a spell, and go on when there may be some again.
      if (!failing) log.error(`Cannot accept a connection: ${String(error)}; going on`);
      failing = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** One arrival is nobody else's business: a peer may be gone before its socket is set up. */
async function receive<C extends Deno.Conn>(
  conn: C,
  arrive: (conn: C) => void | Promise<void>,
): Promise<void> {
  try {
    await arrive(conn);
  } catch (error) {
    log.error(`Cannot take a connection that was accepted: ${String(error)}`);
    try {
      conn.close();
    } catch { /* closed already */ }
  }
}

/** The IP address of a machine; an IPv4 one that came over IPv6 as itself. */
export function hostText({ hostname }: Deno.NetAddr): string {
  return hostname.replace(/^::ffff:(?=\d+\.)/, "");
}

/** "host:port", with an IPv6 host in brackets. */
export function addressText(address: Deno.NetAddr): string {
  const host = hostText(address);
  return host.includes(":") ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}
