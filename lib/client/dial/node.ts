/**
 * TCP and Unix sockets under Node. Its module is loaded when it is needed, by a name that bundlers
 * do not see; what is used of it is declared here.
 */
import type { Link, SocketAddress } from "./link.ts";

interface Socket {
  on(event: "data", heard: (bytes: Uint8Array) => void): void;
  on(event: "error", heard: (error: Error) => void): void;
  on(event: "connect" | "end" | "close" | "drain", heard: () => void): void;
  write(text: string, encoding: "utf8", done: (error?: Error | null) => void): boolean;
  pause(): void;
  resume(): void;
  destroy(): void;
}

interface Net {
  connect(options: { host: string; port: number; noDelay: true } | { path: string }): Socket;
}

export async function dialNode(
  place: SocketAddress,
  signal: AbortSignal | undefined,
): Promise<Link> {
  const module = "node:net";
  const net = await import(/* webpackIgnore: true */ /* @vite-ignore */ module) as Net;
  const socket = net.connect(
    "path" in place
      ? { path: place.path }
      : { host: place.hostname, port: place.port, noDelay: true },
  );
  const giveUp = () => socket.destroy();
  signal?.addEventListener("abort", giveUp);
  const link = new NodeLink(socket);
  try {
    await link.connected;
    return link;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

class NodeLink implements Link {
  readonly isMessages = false;
  readonly connected: Promise<void>;
  readonly #socket: Socket;
  /** What has come and was not asked for yet; the socket pauses meanwhile. */
  readonly #chunks: Uint8Array[] = [];
  #isOver = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = () => this.#wake?.();
    this.connected = new Promise((resolve, reject) => {
      socket.on("connect", resolve);
      socket.on("error", (error) => {
        this.#error = error;
        reject(error);
        wake();
      });
      socket.on("close", () => {
        this.#isOver = true;
        reject(this.#error ?? new Error("the connection was closed"));
        wake();
      });
    });
    socket.on("data", (bytes) => {
      this.#chunks.push(bytes);
      socket.pause();
      wake();
    });
    socket.on("end", () => {
      this.#isOver = true;
      wake();
    });
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return null;
      const woken = new Promise<void>((resolve) => this.#wake = resolve);
      this.#socket.resume();
      await woken;
    }
  }

  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(text, "utf8", (error) => error ? reject(error) : resolve());
    });
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
    this.#wake?.();
  }
}
