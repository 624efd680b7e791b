/** TCP and Unix sockets in Deno. Declares the Deno API that it uses, for other compilers. */
import { bytesOf, type Link, type SocketAddress } from "./link.ts";

interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  setNoDelay?(on: boolean): void;
}

export interface DenoConnect {
  connect(address: { hostname: string; port: number }): Promise<Conn>;
  connect(address: { transport: "unix"; path: string }): Promise<Conn>;
}

const READ_BYTES = 64 * 1024;

export async function dialDeno(deno: DenoConnect, address: SocketAddress): Promise<Link> {
  const conn = "path" in address
    ? await deno.connect({ transport: "unix", path: address.path })
    : await deno.connect({ hostname: address.hostname, port: address.port });
  conn.setNoDelay?.(true);
  return new DenoLink(conn);
}

class DenoLink implements Link {
  readonly isMessages = false;
  readonly #conn: Conn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #isClosed = false;

  constructor(conn: Conn) {
    this.#conn = conn;
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#isClosed) return null;
    try {
      const count = await this.#conn.read(this.#buffer);
      return count === null ? null : this.#buffer.subarray(0, count);
    } catch (error) {
      if (this.#isClosed) return null;
      throw error;
    }
  }

  async write(text: string): Promise<void> {
    const bytes = bytesOf(text);
    for (let done = 0; done < bytes.length;) done += await this.#conn.write(bytes.subarray(done));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#conn.close();
    } catch { /* already closed */ }
  }
}
