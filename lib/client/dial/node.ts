/**
 * TCP and Unix sockets in Node. Loads `node:net` on demand, by a name that bundlers do not resolve,
 * and declares the parts that it uses.
 */
import type { Link, SocketAddress } from "./link.ts";

interface Socket {
  on(event: "data", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "connect" | "end" | "close" | "drain", listener: () => void): void;
  write(text: string, encoding: "utf8", callback: (error?: Error | null) => void): boolean;
  pause(): void;
  resume(): void;
  destroy(): void;
}

interface Net {
  connect(options: { host: string; port: number; noDelay: true } | { path: string }): Socket;
}

export async function dialNode(
  address: SocketAddress,
  signal: AbortSignal | undefined,
): Promise<Link> {
  const module = "node:net";
  const net = await import(/* webpackIgnore: true */ /* @vite-ignore */ module) as Net;
  const socket = net.connect(
    "path" in address
      ? { path: address.path }
      : { host: address.hostname, port: address.port, noDelay: true },
  );
  const onAbort = () => socket.destroy();
  signal?.addEventListener("abort", onAbort);
  const link = new NodeLink(socket);
  try {
    await link.connected;
    return link;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

class NodeLink implements Link {
  readonly isMessages = false;
  readonly connected: Promise<void>;
  readonly #socket: Socket;
  /** Received but not read yet; the socket is paused meanwhile. */
  readonly #chunks: Uint8Array[] = [];
  #hasEnded = false;
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
        this.#hasEnded = true;
        reject(this.#error ?? new Error("connection closed"));
        wake();
      });
    });
    socket.on("data", (bytes) => {
      this.#chunks.push(bytes);
      socket.pause();
      wake();
    });
    socket.on("end", () => {
      this.#hasEnded = true;
      wake();
    });
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#error !== undefined) throw this.#error;
      if (this.#hasEnded) return null;
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
    this.#hasEnded = true;
    this.#socket.destroy();
    this.#wake?.();
  }
}
