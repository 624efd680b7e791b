/** Accepts connections by the runtime's `accept()`, where epoll or `--allow-ffi` is missing. */
import { log } from "../log.ts";
import { addressText, hostText } from "./address.ts";
import type { ListeningSocket, OnAccept, RuntimeListener, SocketBackend } from "./backend.ts";
import { DenoStream } from "./deno_stream.ts";

/** How long to wait after a failure to accept, usually for lack of file descriptors. */
const RETRY_MS = 100;
/** The errors of accepting a connection that the peer has reset already. */
const PEER_GONE = [
  Deno.errors.NotConnected,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
];

/** @param unsentBytesMax how many bytes may wait for a peer that does not read. */
export function denoBackend(unsentBytesMax: number): SocketBackend {
  return {
    accept: (listener, onAccept): ListeningSocket => {
      let accepted = 0;
      const ended = acceptAll(
        listener,
        (conn) => onAccept(streamOf(conn, unsentBytesMax, ++accepted)),
      );
      return {
        close: () => {
          listener.close();
          return ended;
        },
      };
    },
    close: () => Promise.resolve(),
  };
}

function streamOf(conn: Deno.Conn, unsentBytesMax: number, serial: number): DenoStream {
  if (!isTcp(conn)) return new DenoStream(conn, unsentBytesMax, `unix:${serial}`);
  conn.setNoDelay(true);
  conn.setKeepAlive(true);
  const { remoteAddr } = conn;
  return new DenoStream(conn, unsentBytesMax, addressText(remoteAddr), hostText(remoteAddr));
}

function isTcp(conn: Deno.Conn): conn is Deno.TcpConn {
  return conn.remoteAddr.transport === "tcp";
}

/** Hands every accepted connection to `onConn` until the listener is closed. Never throws. */
async function acceptAll(
  listener: RuntimeListener,
  onConn: (conn: Deno.Conn) => ReturnType<OnAccept>,
): Promise<void> {
  let isFailing = false;
  for (;;) {
    try {
      const conn = await listener.accept();
      isFailing = false;
      serve(conn, onConn);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      if (error instanceof Deno.errors.Interrupted) return;
      if (PEER_GONE.some((kind) => error instanceof kind)) continue;
      // Logs one line for a series of failures.
      if (!isFailing) log.error(`Cannot accept a connection: ${String(error)}; trying again`);
      isFailing = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Serves a connection. Catches all errors: a peer may be gone before its socket is set up. */
async function serve(
  conn: Deno.Conn,
  onConn: (conn: Deno.Conn) => ReturnType<OnAccept>,
): Promise<void> {
  try {
    await onConn(conn);
  } catch (error) {
    log.error(`Cannot serve an accepted connection: ${String(error)}`);
    try {
      conn.close();
    } catch { /* already closed */ }
  }
}
