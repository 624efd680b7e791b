/** A byte stream that the runtime waits for: on systems without epoll, and where we may not use it. */
import { ConnectionLostError } from "./connection.ts";
import { SocketStream } from "./stream.ts";

/** Read buffers begin small, for ten thousand idle peers, and double while reads fill them. */
const READ_BYTES_MIN = 1024;
/** A chunk's lines run without a pause: 16 KiB of the shortest are a few milliseconds. */
const READ_BYTES_MAX = 16 * 1024;

export class DenoStream extends SocketStream {
  readonly #conn: Deno.Conn;
  readonly #unsentBytesMax: number;
  #buffer = new Uint8Array(READ_BYTES_MIN);
  #writing = false;

  /** @param unsentBytesMax how much may wait for a peer that does not read. */
  constructor(conn: Deno.Conn, unsentBytesMax: number, address: string, host?: string) {
    super(address, host);
    this.#conn = conn;
    this.#unsentBytesMax = unsentBytesMax;
  }

  override async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    let count: number | null;
    try {
      count = await this.#conn.read(this.#buffer);
    } catch (cause) {
      throw this.lost("read from", cause);
    }
    if (count === null) return null;
    const bytes = this.#buffer.subarray(0, count);
    if (count === this.#buffer.length && count < READ_BYTES_MAX) {
      this.#buffer = new Uint8Array(2 * count);
    }
    return bytes;
  }

  override get isWriting(): boolean {
    return this.#writing;
  }

  override async write(said: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#writing = true;
    const bytes = said.slice(); // the runtime reads them later
    try {
      let sent = await this.#conn.write(bytes);
      const restBytes = bytes.length - sent;
      if (restBytes > this.#unsentBytesMax) throw this.stalled(restBytes);
      while (sent < bytes.length) sent += await this.#conn.write(bytes.subarray(sent));
      this.#writing = false;
    } catch (cause) {
      throw cause instanceof ConnectionLostError ? cause : this.lost("write to", cause);
    }
  }

  protected override async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (cause) {
      throw this.lost("end", cause);
    }
  }

  protected override release(): void {
    try {
      this.#conn.close();
    } catch { /* the runtime has closed it already */ }
  }
}
