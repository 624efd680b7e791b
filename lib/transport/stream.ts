/** A byte stream of the operating system as a `Connection`; shared by all transports. */
import { type Connection, ConnectionLostError } from "./connection.ts";

/** How long a peer may take to read our last words and end its side. */
const LINGER_MS = 1_000;
/** Read buffers begin small, for ten thousand idle peers, and double while reads fill them. */
const READ_BYTES_MIN = 1024;
/** A chunk's lines run without a pause: 16 KiB of the shortest are a few milliseconds. */
const READ_BYTES_MAX = 16 * 1024;

export class StreamConnection implements Connection {
  readonly address: string;
  readonly host: string | undefined;
  readonly isPage = false;
  readonly edge = "none";
  readonly #conn: Deno.Conn;
  #buffer = new Uint8Array(READ_BYTES_MIN);
  #closed = false;
  #writing = false;

  constructor(conn: Deno.Conn, address: string, host?: string) {
    this.#conn = conn;
    this.address = address;
    this.host = host;
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    let count: number | null;
    try {
      count = await this.#conn.read(this.#buffer);
    } catch (cause) {
      throw new ConnectionLostError(`Cannot read from ${this.address}: it is gone`, { cause });
    }
    if (count === null) return null;
    const bytes = this.#buffer.subarray(0, count);
    if (count === this.#buffer.length && count < READ_BYTES_MAX) {
      this.#buffer = new Uint8Array(2 * count);
    }
    return bytes;
  }

  /** Whether some bytes of a write may still be on their way. */
  get isWriting(): boolean {
    return this.#writing;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#writing = true;
    try {
      let sent = await this.#conn.write(bytes);
      while (sent < bytes.length) sent += await this.#conn.write(bytes.subarray(sent));
      this.#writing = false;
    } catch (cause) {
      throw new ConnectionLostError(`Cannot write to ${this.address}: it is gone`, { cause });
    }
  }

  /** Ends our sending side, so that the peer sees an end after the last byte, not a reset. */
  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (cause) {
      throw new ConnectionLostError(`Cannot end ${this.address}: it is gone`, { cause });
    }
  }

  async close(why?: "asked"): Promise<void> {
    if (why === "asked" && !this.#closed) return await this.part(new Uint8Array(0));
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#conn.close();
    } catch { /* the runtime has closed it already */ }
  }

  /**
   * Says the last words, ends our side and reads on until the peer ends its own: closing with
   * anything unread would be a reset, and could cost the peer those words. Never throws.
   */
  async part(lastWords: Uint8Array<ArrayBuffer>): Promise<void> {
    const hurry = setTimeout(() => this.close(), LINGER_MS);
    try {
      if (lastWords.length > 0) await this.write(lastWords);
      await this.closeWrite();
      while (await this.read() !== null);
    } catch { /* the peer is gone, or was too slow */ }
    clearTimeout(hurry);
    await this.close();
  }
}
