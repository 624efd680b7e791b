/**
 * What the load generator asks of the kernel beside the server's own calls: to reach somebody, and
 * the time. Linux only.
 *
 * Sockets stay blocking. A batch is far smaller than a socket's buffer, so that sending never
 * waits, and is whole or has failed; only reading says that it must not wait.
 */
import { type Libc, openLibc } from "../../lib/transport/epoll/libc.ts";

export const MSG_DONTWAIT = 0x40;
const CLOCK_MONOTONIC = 1;

const SYMBOLS = {
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

export interface Calls extends Libc {
  connect(fd: number, address: Uint8Array<ArrayBuffer>, length: number): number;
  /** Milliseconds since some moment. Costs a third of `performance.now()`. */
  nowMs(): number;
}

export function openCalls(): Calls {
  const libc = openLibc();
  if (libc === undefined) throw new Error("Load is made on Linux with glibc and --allow-ffi only");
  const { connect, clock_gettime } = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  const time = new Uint8Array(16);
  const words = new Int32Array(time.buffer);
  return {
    ...libc,
    connect,
    nowMs(): number {
      clock_gettime(CLOCK_MONOTONIC, time);
      return words[0]! * 1000 + words[2]! / 1e6;
    },
  };
}
