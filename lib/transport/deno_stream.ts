/** A byte stream read and written by the runtime. */
import { ConnectionLostError, lostError, stalledError } from "./errors.ts";
import { SocketStream } from "./stream.ts";

/** Read buffers start small, as ten thousand peers may be idle, and double when reads fill them. */
const READ_BYTES_MIN = 1024;
/** The lines of a chunk run without a pause: 16 KiB of the shortest take a few milliseconds. */
const READ_BYTES_MAX = 16 * 1024;

export class DenoStream extends SocketStream {
  readonly #conn: Deno.Conn;
  readonly #unsentBytesMax: number;
  #buffer = new Uint8Array(READ_BYTES_MIN);
  #isWriting = false;

  /** @param unsentBytesMax how many bytes may wait for a peer that does not read. */
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
      throw lostError("read from", this.address, cause);
    }
    if (count === null) return null;
    const bytes = this.#buffer.subarray(0, count);
    if (count === this.#buffer.length && count < READ_BYTES_MAX) {
      this.#buffer = new Uint8Array(2 * count);
    }
    return bytes;
  }

  override get isWriting(): boolean {
    return this.#isWriting;
  }

  override async write(given: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#isWriting = true;
    const bytes = given.slice(); // the runtime reads them later
    try {
      let sent = await this.#conn.write(bytes);
      const unsentBytes = bytes.length - sent;
      if (unsentBytes > this.#unsentBytesMax) throw stalledError(this.address, unsentBytes);
      while (sent < bytes.length) sent += await this.#conn.write(bytes.subarray(sent));
      this.#isWriting = false;
    } catch (cause) {
      throw cause instanceof ConnectionLostError
        ? cause
        : lostError("write to", this.address, cause);
    }
  }

  protected override async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (cause) {
      throw lostError("close", this.address, cause);
    }
  }

  protected override closeSocket(): void {
    try {
      this.#conn.close();
    } catch { /* the runtime has closed it already */ }
  }
}
