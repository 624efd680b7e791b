/** A byte stream that the runtime waits for: on systems without epoll, and where we may not use it. */
import { Stream } from "./stream.ts";

/** Read buffers begin small, for ten thousand idle peers, and double while reads fill them. */
const READ_BYTES_MIN = 1024;
/** A chunk's lines run without a pause: 16 KiB of the shortest are a few milliseconds. */
const READ_BYTES_MAX = 16 * 1024;

export class DenoStream extends Stream {
  readonly #conn: Deno.Conn;
  #buffer = new Uint8Array(READ_BYTES_MIN);
  #writing = false;

  constructor(conn: Deno.Conn, address: string, host?: string) {
    super(address, host);
    this.#conn = conn;
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

  override async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#writing = true;
    try {
      let sent = await this.#conn.write(bytes);
      while (sent < bytes.length) sent += await this.#conn.write(bytes.subarray(sent));
      this.#writing = false;
    } catch (cause) {
      throw this.lost("write to", cause);
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
