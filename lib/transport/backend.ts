/** How sockets are accepted and served: by epoll (`epoll/`), or by the runtime (`deno_backend.ts`). */
import type { SocketStream } from "./stream.ts";

/** A listening socket of the runtime; `Deno.listen` opens every one. */
export type RuntimeListener = Deno.Listener<Deno.TcpConn, Deno.NetAddr> | Deno.UnixListener;

/** Takes over an accepted stream. What it throws ends that stream and nothing else. */
export type OnAccept = (stream: SocketStream) => void | Promise<void>;

export interface ListeningSocket {
  /**
   * Stops accepting and closes the socket; accepted streams stay open. Returns a promise when the
   * runtime closes it a little later. Never throws.
   */
  close(): Promise<void> | undefined;
}

export interface SocketBackend {
  /**
   * Accepts connections on a listening socket and owns it from now on. Peers of a Unix socket get the
   * addresses "unix:1", "unix:2" and so on.
   */
  accept(listener: RuntimeListener, onAccept: OnAccept): ListeningSocket;
  /** Ends the backend; its listening sockets and streams must be closed. */
  close(): Promise<void>;
}
