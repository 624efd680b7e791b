/** A proxy for TCP and Unix sockets that can break its connections, as networks do. */

export class CutProxy {
  /** The URL of the proxy, of the same form as the URL behind it. */
  readonly url: string;
  /** Whether it closes new connections at once. */
  refuses = false;
  readonly #to: string;
  readonly #listener: Deno.Listener;
  readonly #folder: string | undefined;
  readonly #conns = new Set<Deno.Conn>();

  private constructor(to: string, url: string, listener: Deno.Listener, folder?: string) {
    this.#to = to;
    this.url = url;
    this.#listener = listener;
    this.#folder = folder;
    this.#accept();
  }

  /** @param to tcp://HOST:PORT, ws://HOST:PORT/ or unix:PATH */
  static async open(to: string): Promise<CutProxy> {
    if (to.startsWith("unix:")) {
      const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
      const path = `${folder}/p.sock`;
      const listener = Deno.listen({ transport: "unix", path });
      return new CutProxy(to, `unix:${path}`, listener, folder);
    }
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = to.replace(/:\d+/, `:${(listener.addr as Deno.NetAddr).port}`);
    return new CutProxy(to, url, listener);
  }

  /** Closes all connections. */
  cut(): void {
    for (const conn of this.#conns) close(conn);
    this.#conns.clear();
  }

  close(): void {
    this.#listener.close();
    this.cut();
    if (this.#folder !== undefined) Deno.removeSync(this.#folder, { recursive: true });
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        if (this.refuses) close(conn);
        else this.#connect(conn);
      }
    } catch { /* closed */ }
  }

  async #connect(conn: Deno.Conn): Promise<void> {
    this.#conns.add(conn);
    try {
      const other = await dial(this.#to);
      this.#conns.add(other);
      await Promise.all([pipe(conn, other), pipe(other, conn)]);
      this.#conns.delete(other);
    } catch {
      close(conn);
    }
    this.#conns.delete(conn);
  }
}

function dial(to: string): Promise<Deno.Conn> {
  if (to.startsWith("unix:")) {
    return Deno.connect({ transport: "unix", path: to.slice("unix:".length) });
  }
  const { hostname, port } = new URL(to);
  return Deno.connect({ hostname, port: Number(port) });
}

/** Copies one direction; when it ends, closes both. */
async function pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  await from.readable.pipeTo(to.writable).catch(() => {});
  close(from);
  close(to);
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch { /* already closed */ }
}
