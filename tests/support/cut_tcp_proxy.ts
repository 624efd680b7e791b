/** A way to a server that can be cut: connections made through it break, new ones go through. */
import type { Place } from "./server.ts";

export interface Cuttable extends Disposable {
  readonly url: string;
  /** Breaks all connections that are there. */
  cut(): void;
  /** The same for the server; who came from here is told only when it says something. */
  cutBehind(): void;
}

export function cuttable(target: Place): Cuttable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const far = new Set<Deno.Conn>();
  const untold = new Set<Deno.Conn>();
  const cut = () => {
    for (const conn of open) close(conn);
  };
  const cutBehind = () => {
    for (const conn of open) if (!far.has(conn)) untold.add(conn);
    for (const conn of far) close(conn);
  };
  const close = (conn: Deno.Conn) => {
    open.delete(conn);
    far.delete(conn);
    try {
      conn.close();
    } catch { /* it was closed before */ }
  };
  const carry = async (from: Deno.Conn, to: Deno.Conn) => {
    const room = new Uint8Array(64 * 1024);
    try {
      for (let count = await from.read(room); count !== null; count = await from.read(room)) {
        for (let done = 0; done < count;) done += await to.write(room.subarray(done, count));
      }
    } catch { /* cut, or broken */ }
    close(from);
    if (!untold.has(to)) close(to);
  };
  const accept = async () => {
    for await (const near of listener) {
      const other = await Deno.connect(target);
      open.add(near).add(other);
      far.add(other);
      carry(near, other);
      carry(other, near);
    }
  };
  accept().catch(() => {});
  const { port } = listener.addr as Deno.NetAddr;
  const dispose = () => {
    listener.close();
    cut();
  };
  return { url: `tcp://127.0.0.1:${port}`, cut, cutBehind, [Symbol.dispose]: dispose };
}
