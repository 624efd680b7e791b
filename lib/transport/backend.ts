/** Where streams come in: what all ways to listen have in common. */
import type { SocketStream } from "./stream.ts";

export interface TcpOptions {
  readonly hostname: string;
  readonly port: number;
}

/** Takes over a stream that has arrived. What it throws ends that stream and nothing else. */
export type OnAccept = (stream: SocketStream) => void | Promise<void>;

export interface ListeningSocket {
  /** Stops accepting; streams that are there go on. Never throws. */
  close(): void;
}

/** A way to listen. Both throw what `Deno.listen` throws when the place cannot be had. */
export interface SocketBackend {
  tcp(options: TcpOptions, arrive: OnAccept): ListeningSocket & { readonly address: Deno.NetAddr };
  /** @param arrive gets streams whose addresses are "unix:1", "unix:2" and so on. */
  unix(path: string, arrive: OnAccept): ListeningSocket;
  /** Ends the way itself; all doors and streams must be closed. */
  close(): Promise<void>;
}
