/** A TCP proxy that can break its connections on both sides, or on the side of the server only. */
import type { Address } from "./server.ts";

export interface TcpCutProxy extends Disposable {
  readonly url: string;
  /** Closes all connections; new ones are accepted. */
  cut(): void;
  /** Closes the server's side of all connections; a client notices when it sends something. */
  cutServerSide(): void;
}

export function startCutProxy(target: Address): TcpCutProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const all = new Set<Deno.Conn>();
  const serverSide = new Set<Deno.Conn>();
  const keptOpen = new Set<Deno.Conn>();
  const cut = () => {
    for (const conn of all) close(conn);
  };
  const cutServerSide = () => {
    for (const conn of all) if (!serverSide.has(conn)) keptOpen.add(conn);
    for (const conn of serverSide) close(conn);
  };
  const close = (conn: Deno.Conn) => {
    all.delete(conn);
    serverSide.delete(conn);
    try {
      conn.close();
    } catch { /* already closed */ }
  };
  const copy = async (from: Deno.Conn, to: Deno.Conn) => {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        for (let done = 0; done < count;) done += await to.write(buffer.subarray(done, count));
      }
    } catch { /* closed */ }
    close(from);
    if (!keptOpen.has(to)) close(to);
  };
  const accept = async () => {
    for await (const near of listener) {
      const other = await Deno.connect(target);
      all.add(near).add(other);
      serverSide.add(other);
      copy(near, other);
      copy(other, near);
    }
  };
  accept().catch(() => {});
  const { port } = listener.addr as Deno.NetAddr;
  const dispose = () => {
    listener.close();
    cut();
  };
  return { url: `tcp://127.0.0.1:${port}`, cut, cutServerSide, [Symbol.dispose]: dispose };
}
