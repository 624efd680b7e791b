/**
 * The calls of Linux's C library for serving sockets, by the runtime's foreign function interface.
 *
 * `Deno.listen` opens the listening sockets; docs/decisions/0006 explains why the rest is here, and
 * what happens where these calls are not available.
 */

const SYMBOLS = {
  listen: { parameters: ["i32", "i32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u32", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  eventfd_write: { parameters: ["i32", "u64"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  /** The same call in a thread, for when no socket is ready. */
  epoll_wait_idle: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * A call that moves bytes and returns their number, or -1. The length is a `size_t`, but is
 * declared as 32 bits, which the calling conventions of both processors widen. For 64 bits, V8's
 * compiler would expect a BigInt, and discard its code each time it meets a number.
 */
type Move = (fd: number, bytes: Uint8Array<ArrayBuffer>, length: number, flags: number) => number;
type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
export type Libc = Omit<Symbols, "recv" | "send"> & { readonly recv: Move; readonly send: Move };

/** Constants of the kernel's interface, the same on x86_64 and aarch64. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const CLOEXEC = 0o2000000;
export const NONBLOCK_CLOEXEC = 0o2004000;
export const SOL_SOCKET = 1;
export const SO_KEEPALIVE = 9;
export const SO_ACCEPTCONN = 30;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const MSG_NOSIGNAL = 0x4000;
export const SHUT_WR = 1;
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
/** `struct pollfd`: a descriptor, the requested and the pending events, in epoll's numbers. */
export const POLLFD_BYTES = 8;
export const POLL_EVENTS_AT = 4;
export const POLL_REVENTS_AT = 6;
/** Edge-triggered. */
export const EPOLLET = 1 << 31;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

/** Offset of the user data in `struct epoll_event`, and its size: packed on x86_64 only. */
export const EVENT_DATA_AT = Deno.build.arch === "x86_64" ? 4 : 8;
export const EVENT_BYTES = Deno.build.arch === "x86_64" ? 12 : 16;

let opened: Libc | undefined;

/** Returns the library, or undefined where it is missing or not permitted; never prompts. */
export function openLibc(): Libc | undefined {
  return opened ??= open();
}

function open(): Libc | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols as unknown as Libc;
  } catch {
    return undefined; // not glibc
  }
}
