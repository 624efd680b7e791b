/** A way to a server that can be cut: connections made through it break, new ones go through. */
import type { Place } from "./server.ts";

export interface Cuttable extends Disposable {
  readonly url: string;
  /** Breaks all connections that are there. */
  cut(): void;
}

export function cuttable(target: Place): Cuttable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const cut = () => {
    for (const conn of open) close(conn);
  };
  const close = (conn: Deno.Conn) => {
    open.delete(conn);
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
    close(to);
  };
  const accept = async () => {
    for await (const near of listener) {
      const far = await Deno.connect(target);
      open.add(near).add(far);
      carry(near, far);
      carry(far, near);
    }
  };
  accept().catch(() => {});
  const { port } = listener.addr as Deno.NetAddr;
  const dispose = () => {
    listener.close();
    cut();
  };
  return { url: `tcp://127.0.0.1:${port}`, cut, [Symbol.dispose]: dispose };
}
