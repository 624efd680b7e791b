/**
 * The client's side of a connection over TCP or a Unix socket, for tests. `ws_peer.ts` has the one
 * for WebSockets.
 *
 * It reads what arrives at once and keeps it until a test takes it. Text has one character per
 * byte. The socket is from node:net, because one of `Deno.connect` cannot send a reset.
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { AssertionError } from "./assert.ts";
import type { Address } from "./server.ts";
import { anyLine, exactly, readable, type Wanted } from "./wanted.ts";

/** How long tests wait for what must happen; only failing tests wait as long. */
export const TIMEOUT_MS = 5_000;

/** How the other side ended: properly, or with a reset. */
export type End = "fin" | "reset";

export class Peer {
  /** The address that the server sees: "ip:port"; empty for a Unix socket, which has none. */
  readonly address: string;
  readonly #socket: Socket;
  #received = "";
  #end: End | undefined;
  #sendingEnded = false;
  #closed = Promise.withResolvers<void>();
  #wake: (() => void) | undefined;

  /** @param socket connected, with nothing read from it. */
  protected constructor(socket: Socket) {
    this.#socket = socket;
    const { localAddress, localPort } = socket;
    this.address = localPort === undefined ? "" : `${localAddress}:${localPort}`;
    socket.on("data", (bytes: Uint8Array) => {
      this.#received += textOf(bytes);
      this.#wake?.();
    });
    socket.on("end", () => this.#onEnd("fin"));
    socket.on("error", () => this.#onEnd("reset"));
    socket.on("close", () => this.#closed.resolve());
  }

  /** Connects to a TCP port, or to the Unix socket of that path. */
  static async connect(to: Address | string): Promise<Peer> {
    return new Peer(await openSocket(to));
  }

  /** What was received and is not taken yet. */
  get received(): string {
    return this.#received;
  }

  /** How the other side has ended, if it has. */
  get end(): End | undefined {
    return this.#end;
  }

  /** Sends data; resolves when the operating system has all of it. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? bytesOf(data) : data;
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(Buffer.from(bytes), (error) => error ? reject(error) : resolve());
    });
  }

  /** Stops reading, so that the other side's replies accumulate. */
  pause(): void {
    this.#socket.pause();
  }

  /** Waits for the wanted text, takes and returns it; more may follow. */
  async receive(wanted: string | Wanted): Promise<string> {
    const { match, compare } = typeof wanted === "string" ? exactly(wanted) : wanted;
    let count = 0;
    const isSufficient = () => {
      const matched = match(this.#received);
      if (matched === "no") throw new AssertionError(compare(this.#received));
      if (matched === "more") return false;
      count = matched;
      return true;
    };
    if (!await this.#until(isSufficient)) {
      const why = this.#end === undefined ? `nothing for ${TIMEOUT_MS} ms` : `a ${this.#end}`;
      throw new AssertionError(`${compare(this.#received)}\nand then ${why}`);
    }
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }

  /** Takes the next reply, which is one line. */
  async reply(): Promise<string> {
    return await this.receive(anyLine);
  }

  /** Waits until the other side has ended; what was received can still be taken. */
  async untilEnd(): Promise<End> {
    await this.#until(() => this.#end !== undefined);
    if (this.#end !== undefined) return this.#end;
    throw new AssertionError(`wanted the end of the connection\ngot ${readable(this.#received)}`);
  }

  /** Fails unless the other side ends properly without sending more. */
  async expectEnd(): Promise<void> {
    const end = await this.untilEnd();
    if (end === "fin" && this.#received === "") return;
    throw new AssertionError(`wanted only the end\ngot ${readable(this.#received)} and a ${end}`);
  }

  /**
   * Ends the connection properly; fails unless the other side then does so without sending more.
   */
  async leave(): Promise<void> {
    await this.endSending();
    await this.expectEnd();
    await this.close();
  }

  /** Ends only the sending side. A second call does nothing. */
  async endSending(): Promise<void> {
    if (this.#sendingEnded) return;
    this.#sendingEnded = true;
    await new Promise<void>((resolve) => this.#socket.end(resolve));
  }

  /** Closes the socket. A second call does nothing. */
  async close(): Promise<void> {
    this.#socket.destroy();
    await this.#closed.promise;
  }

  /** Closes a TCP socket with a reset: the other side's next read fails. */
  async reset(): Promise<void> {
    this.#socket.resetAndDestroy();
    await this.#closed.promise;
  }

  #onEnd(end: End): void {
    this.#end ??= end;
    this.#wake?.();
  }

  /** Waits for the condition. Resolves to false after the end of the connection or a timeout. */
  async #until(condition: () => boolean): Promise<boolean> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake?.();
    }, TIMEOUT_MS);
    try {
      while (!condition()) {
        if (isLate || this.#end !== undefined) return false;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Opens a socket that stays open when the other side ends, and sends small writes at once. */
export async function openSocket(to: Address | string): Promise<Socket> {
  const address = typeof to === "string" ? { path: to } : { host: to.hostname, port: to.port };
  const socket = connect({ ...address, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.setNoDelay(true);
  return socket;
}
