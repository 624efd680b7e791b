/**
 * The calls of Linux's C library that benchmark clients make.
 *
 * Sockets stay blocking. Every request is far smaller than a socket's buffer, so a send never waits
 * and is either whole or has failed; a read that must not wait asks for it with `MSG_DONTWAIT`.
 */
import {
  AF_INET,
  AF_UNIX,
  CLOEXEC,
  IPPROTO_TCP,
  type Libc,
  openLibc,
  TCP_NODELAY,
} from "../../lib/transport/epoll/libc.ts";

export const MSG_DONTWAIT = 0x40;
export const CLOCK_MONOTONIC = 1;
const SOCK_STREAM = 1;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  timerfd_create: { parameters: ["i32", "i32"], result: "i32" },
  timerfd_settime: { parameters: ["i32", "i32", "buffer", "pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

export type Calls = Libc & Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
/** A port of 127.0.0.1, or the path of a Unix socket. */
export type Endpoint = number | string;

let opened: Calls | undefined;
const time = new Uint8Array(16);
const words = new Int32Array(time.buffer);

/** Returns the calls. Throws where there is no glibc or no permission for foreign functions. */
export function libc(): Calls {
  return opened ??= open();
}

function open(): Calls {
  const ofServer = openLibc();
  if (ofServer === undefined) {
    throw new Error("Cannot run benchmark clients: they need Linux, glibc and --allow-ffi");
  }
  return { ...ofServer, ...Deno.dlopen("libc.so.6", SYMBOLS).symbols };
}

/** Connects and returns the descriptor. */
export function connect(endpoint: Endpoint): number {
  const isUnix = typeof endpoint === "string";
  const address = isUnix
    ? [AF_UNIX, 0, ...new TextEncoder().encode(endpoint), 0]
    : [AF_INET, 0, endpoint >> 8, endpoint & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
  // A process that is started meanwhile must not inherit it: it would keep the connection open.
  const fd = libc().socket(isUnix ? AF_UNIX : AF_INET, SOCK_STREAM | CLOEXEC, 0);
  if (fd < 0) throw new Error("Cannot open a socket: no descriptors left, see ulimit -n");
  if (libc().connect(fd, Uint8Array.from(address), address.length) !== 0) {
    libc().close(fd);
    throw new Error(`Cannot connect to "${endpoint}": nothing listens there`);
  }
  if (!isUnix) setOption(fd, IPPROTO_TCP, TCP_NODELAY, Int32Array.of(1));
  return fd;
}

/** Sets an option of a socket to a value in the machine's byte order. */
export function setOption(
  fd: number,
  level: number,
  option: number,
  { buffer }: Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>,
): void {
  libc().setsockopt(fd, level, option, new Uint8Array(buffer), buffer.byteLength);
}

/** Returns milliseconds of the monotonic clock, at a third of the cost of `performance.now()`. */
export function nowMs(): number {
  libc().clock_gettime(CLOCK_MONOTONIC, time);
  return words[0]! * 1000 + words[2]! / 1e6;
}

/** Blocks this thread: the event loop would add its own delay to what is measured. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
