/** The interface for accepting sockets, by epoll (`epoll/`) or the runtime (`deno_backend.ts`). */
import type { SocketStream } from "./stream.ts";

/** A listening socket of the runtime, opened by `Deno.listen`. */
export type RuntimeListener = Deno.Listener<Deno.TcpConn, Deno.NetAddr> | Deno.UnixListener;

/** Takes over an accepted stream. An error that it throws affects only that stream. */
export type OnAccept = (stream: SocketStream) => void | Promise<void>;

export interface ListeningSocket {
  /**
   * Stops accepting and closes the socket; accepted streams stay open. Returns a promise when
   * closing is asynchronous. Never throws.
   */
  close(): Promise<void> | undefined;
}

export interface SocketBackend {
  /**
   * Accepts connections on a listening socket and owns it from now on. Peers of a Unix socket get
   * the addresses "unix:1", "unix:2" and so on.
   */
  accept(listener: RuntimeListener, onAccept: OnAccept): ListeningSocket;
  /** Ends the backend; its listening sockets and streams must be closed already. */
  close(): Promise<void>;
}
