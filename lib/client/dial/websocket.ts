/** WebSockets, in runtimes that have them: browsers, Deno, and Node since version 22. */
import { ConnectionError } from "../errors.ts";
import { bytesOf, type Link } from "./link.ts";

/** How many unsent bytes may be buffered. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** Interval of checks of the buffered bytes, for which a WebSocket has no event. */
const POLL_MS = 10;

export async function dialWebSocket(url: URL, signal: AbortSignal | undefined): Promise<Link> {
  if (typeof globalThis.WebSocket !== "function") {
    throw new ConnectionError(
      "Cannot open a WebSocket: this runtime has none (Node has since version 22); " +
        "use tcp://HOST:9999 or unix:PATH instead",
    );
  }
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const onAbort = () => socket.close();
  signal?.addEventListener("abort", onAbort);
  const link = new WebSocketLink(socket);
  try {
    await link.connected;
    return link;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

class WebSocketLink implements Link {
  readonly isMessages = true;
  readonly connected: Promise<void>;
  readonly #socket: WebSocket;
  readonly #chunks: Uint8Array[] = [];
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.connected = new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      // The error event has no reason, because browsers hide it from pages.
      socket.addEventListener("close", ({ reason }) => {
        this.#hasEnded = true;
        reject(new Error(reason === "" ? "WebSocket closed" : reason));
        this.#wake?.();
      });
      socket.addEventListener("error", () => reject(new Error("WebSocket failed")));
    });
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string") this.#chunks.push(bytesOf(data));
      else if (data instanceof ArrayBuffer) this.#chunks.push(new Uint8Array(data));
      this.#wake?.();
    });
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async write(text: string): Promise<void> {
    this.#socket.send(text);
    while (this.#socket.bufferedAmount > UNSENT_BYTES_MAX && !this.#hasEnded) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  close(): void {
    this.#hasEnded = true;
    this.#socket.close();
    this.#wake?.();
  }
}
