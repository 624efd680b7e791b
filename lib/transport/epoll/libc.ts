/**
 * The few calls of Linux's C library that sockets need, through the runtime's own foreign functions.
 *
 * Why at all, and what happens where they cannot be had: docs/decisions/0006.
 */

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
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
  /** The same in a thread of its own, for when there is nothing to do. */
  epoll_wait_idle: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * A call that moves bytes: how many, or -1. Its length is a `size_t`, given as the 32 bits that the
 * calling conventions of both processors widen: for 64 bits the runtime's compiler wants a BigInt,
 * and gives its work up each time it meets a number.
 */
type Move = (fd: number, bytes: Uint8Array<ArrayBuffer>, length: number, flags: number) => number;
type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
export type Libc = Omit<Symbols, "recv" | "send"> & { readonly recv: Move; readonly send: Move };

/** Numbers of the kernel's interface, the same on x86_64 and aarch64. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const CLOEXEC = 0o2000000;
export const NONBLOCK_CLOEXEC = 0o2004000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_KEEPALIVE = 9;
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
/** What `poll` is given: a descriptor, what is asked and what is told, in the numbers of epoll. */
export const POLL_BYTES = 8;
export const POLL_ASKED_AT = 4;
export const POLL_TOLD_AT = 6;
/** Told of once for each thing that comes, in the order it came. */
export const EPOLLET = 1 << 31;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

/** Where in an event of epoll its number stands, and how long an event is: packed on x86_64 only. */
export const EVENT_DATA_AT = Deno.build.arch === "x86_64" ? 4 : 8;
export const EVENT_BYTES = Deno.build.arch === "x86_64" ? 12 : 16;

let opened: Libc | undefined;

/** The library, where it is and may be used; nobody is asked for permission. */
export function openLibc(): Libc | undefined {
  return opened ??= open();
}

function open(): Libc | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols as unknown as Libc;
  } catch {
    return undefined; // another C library, or none
  }
}
