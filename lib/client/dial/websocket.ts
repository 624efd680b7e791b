/** WebSockets, where the runtime has them: browsers, Deno, and Node from 22. */
import { ConnectionError } from "../errors.ts";
import { bytesOf, type Link } from "./link.ts";

/** So much may wait to be sent; a WebSocket does not tell when it has room again. */
const UNSENT_BYTES_MAX = 1024 * 1024;
const LOOK_AGAIN_MS = 10;

export async function dialWebSocket(url: URL, signal: AbortSignal | undefined): Promise<Link> {
  if (typeof globalThis.WebSocket !== "function") {
    throw new ConnectionError(
      "this runtime has no WebSocket (Node has from 22); use tcp://HOST:9999 or unix:PATH instead",
    );
  }
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const giveUp = () => socket.close();
  signal?.addEventListener("abort", giveUp);
  const link = new WebSocketLink(socket);
  try {
    await link.connected;
    return link;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

class WebSocketLink implements Link {
  readonly isMessages = true;
  readonly connected: Promise<void>;
  readonly #socket: WebSocket;
  readonly #chunks: Uint8Array[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.connected = new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      // It does not say why: what went wrong is no business of a page's.
      socket.addEventListener("close", ({ reason }) => {
        this.#isOver = true;
        reject(new Error(reason === "" ? "the WebSocket was closed" : reason));
        this.#wake?.();
      });
      socket.addEventListener("error", () => reject(new Error("the WebSocket failed")));
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
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async write(text: string): Promise<void> {
    this.#socket.send(text);
    while (this.#socket.bufferedAmount > UNSENT_BYTES_MAX && !this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  close(): void {
    this.#isOver = true;
    this.#socket.close();
    this.#wake?.();
  }
}
