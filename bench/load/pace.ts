/** A steady beat from the kernel, for loops that wait in epoll. Linux only. */
import { NONBLOCK_CLOEXEC } from "../../lib/transport/epoll/libc.ts";

const CLOCK_MONOTONIC = 1;

const { close, read, timerfd_create, timerfd_settime } = Deno.dlopen("libc.so.6", {
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  timerfd_create: { parameters: ["i32", "i32"], result: "i32" },
  timerfd_settime: { parameters: ["i32", "i32", "buffer", "pointer"], result: "i32" },
}).symbols;

export class Pace implements Disposable {
  /** Can be read when a beat is due. */
  readonly fd: number;
  readonly #count = new Uint8Array(8);
  readonly #words = new Uint32Array(this.#count.buffer);

  constructor(intervalMs: number) {
    this.fd = timerfd_create(CLOCK_MONOTONIC, NONBLOCK_CLOEXEC);
    const interval = BigInt(Math.round(intervalMs * 1e6));
    const times = new Uint8Array(BigInt64Array.of(0n, interval, 0n, interval).buffer);
    timerfd_settime(this.fd, 0, times, null);
  }

  /** How many beats there were since this was last asked. */
  beats(): number {
    return read(this.fd, this.#count, this.#count.length) > 0 ? this.#words[0]! : 0;
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}
