/**
 * A client's side of a connection, over TCP or a Unix socket, for tests. `ws_peer.ts` has the
 * WebSocket one.
 *
 * Whatever arrives is gathered at once and kept until a test takes it. Text has one character a
 * byte. The socket is node's and not `Deno.connect`'s, because that one cannot send a reset.
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { AssertionError } from "./assert.ts";
import type { Place } from "./server.ts";
import { anyLine, exactly, readable, type Wanted } from "./wanted.ts";

/** How long anything may take that has to happen; only failing tests ever wait so long. */
export const PATIENCE_MS = 5_000;

/** How the other side ended: properly, or by a reset. */
export type End = "fin" | "reset";

export class Peer {
  /** What others see of us: "ip:port". Over a Unix socket nothing, for that has no names. */
  readonly address: string;
  readonly #socket: Socket;
  #arrived = "";
  #end: End | undefined;
  #endedHere = false;
  #closed = Promise.withResolvers<void>();
  #wake: (() => void) | undefined;

  /** @param socket connected, and nothing read from it. */
  protected constructor(socket: Socket) {
    this.#socket = socket;
    const { localAddress, localPort } = socket;
    this.address = localPort === undefined ? "" : `${localAddress}:${localPort}`;
    socket.on("data", (bytes: Uint8Array) => {
      this.#arrived += textOf(bytes);
      this.#wake?.();
    });
    socket.on("end", () => this.#ended("fin"));
    socket.on("error", () => this.#ended("reset"));
    socket.on("close", () => this.#closed.resolve());
  }

  /** Connects to a TCP port, or to the Unix socket of that path. */
  static async connect(to: Place | string): Promise<Peer> {
    return new Peer(await openSocket(to));
  }

  /** What has arrived and has not been taken yet. */
  get arrived(): string {
    return this.#arrived;
  }

  /** How the other side has ended, if it has. */
  get end(): End | undefined {
    return this.#end;
  }

  /** Resolves when the operating system has all of it. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? bytesOf(data) : data;
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(Buffer.from(bytes), (error) => error ? reject(error) : resolve());
    });
  }

  /** Reads nothing more, so that the other side's replies pile up. */
  pause(): void {
    this.#socket.pause();
  }

  /** Waits for what is wanted, takes it and returns it; more may be there behind it. */
  async receive(wanted: string | Wanted): Promise<string> {
    const { match, compare } = typeof wanted === "string" ? exactly(wanted) : wanted;
    let count = 0;
    const sufficient = () => {
      const matched = match(this.#arrived);
      if (matched === "no") throw new AssertionError(compare(this.#arrived));
      if (matched === "more") return false;
      count = matched;
      return true;
    };
    if (!await this.#until(sufficient)) {
      const why = this.#end === undefined ? `nothing for ${PATIENCE_MS} ms` : `a ${this.#end}`;
      throw new AssertionError(`${compare(this.#arrived)}\nand then ${why}`);
    }
    const taken = this.#arrived.slice(0, count);
    this.#arrived = this.#arrived.slice(count);
    return taken;
  }

  /** Takes the next reply to a request that is answered by one line. */
  async reply(): Promise<string> {
    return await this.receive(anyLine);
  }

  /** Waits until the other side has ended; what has arrived meanwhile can still be taken. */
  async untilEnd(): Promise<End> {
    await this.#until(() => this.#end !== undefined);
    if (this.#end !== undefined) return this.#end;
    throw new AssertionError(`wanted the end of the connection\ngot ${readable(this.#arrived)}`);
  }

  /** Fails unless the other side ends properly, and has nothing more to say. */
  async expectEnd(): Promise<void> {
    const end = await this.untilEnd();
    if (end === "fin" && this.#arrived === "") return;
    throw new AssertionError(`wanted only the end\ngot ${readable(this.#arrived)} and a ${end}`);
  }

  /** Ends our side properly; fails unless the other side does so then, and says no more. */
  async leave(): Promise<void> {
    await this.endSending();
    await this.expectEnd();
    await this.close();
  }

  /** Ends our sending side only. Twice is once. */
  async endSending(): Promise<void> {
    if (this.#endedHere) return;
    this.#endedHere = true;
    await new Promise<void>((resolve) => this.#socket.end(resolve));
  }

  /** Closes the socket, which nobody reads any more. Twice is once. */
  async close(): Promise<void> {
    this.#socket.destroy();
    await this.#closed.promise;
  }

  /** Closes the socket with a reset: the other side's next read fails. Not over Unix sockets. */
  async reset(): Promise<void> {
    this.#socket.resetAndDestroy();
    await this.#closed.promise;
  }

  #ended(end: End): void {
    this.#end ??= end;
    this.#wake?.();
  }

  /** Looks each time something happens. False when nothing can happen any more, or did for long. */
  async #until(look: () => boolean): Promise<boolean> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake?.();
    }, PATIENCE_MS);
    try {
      while (!look()) {
        if (late || this.#end !== undefined) return false;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A socket that stays open when the other side ends, and sends small pieces at once. */
export async function openSocket(to: Place | string): Promise<Socket> {
  const place = typeof to === "string" ? { path: to } : { host: to.hostname, port: to.port };
  const socket = connect({ ...place, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.setNoDelay(true);
  return socket;
}
