/** Listening sockets that the reactor waits for. */
import { ACCEPT_BACKLOG, ACCEPT_BATCH_MAX } from "../../limits.ts";
import { log } from "../../log.ts";
import { addressText, denoBackend, hostText } from "../deno_backend.ts";
import { addressBytes } from "../../wire/ip_address.ts";
import type { ListeningSocket, OnAccept, SocketBackend, TcpOptions } from "../backend.ts";
import {
  AF_UNIX,
  EPOLLIN,
  IPPROTO_TCP,
  NONBLOCK_CLOEXEC,
  SO_KEEPALIVE,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from "./libc.ts";
import type { Reactor, Watcher } from "./reactor.ts";
import { addressOf, SOCKADDR_BYTES, sockaddrOf, sockaddrUnix } from "./sockaddr.ts";
import { EpollStream } from "./stream.ts";

/** How long to wait when nobody can be accepted, mostly for want of descriptors. */
const RETRY_MS = 100;
/** A machine that has vanished without a word is noticed after some 25 seconds. */
const KEEPALIVE: readonly (readonly [option: number, value: number])[] = [
  [TCP_KEEPIDLE, 10],
  [TCP_KEEPINTVL, 5],
  [TCP_KEEPCNT, 3],
];

export function epollBackend(reactor: Reactor, unsentBytesMax: number): SocketBackend {
  return {
    tcp(options, arrive): ReturnType<SocketBackend["tcp"]> {
      // An address of one interface only: the runtime knows how to name that.
      if (options.hostname.includes("%")) return denoBackend(unsentBytesMax).tcp(options, arrive);
      const { fd, address } = openTcp(reactor, options);
      const close = new EpollListener(reactor, fd, (peer, from) => {
        const remote = addressOf(from);
        const [address, host] = [addressText(remote), hostText(remote)];
        return arrive(new EpollStream(reactor, peer, unsentBytesMax, address, host));
      });
      return { address, close: () => close.close() };
    },
    unix(path, arrive): ListeningSocket {
      Deno.listen({ transport: "unix", path }).close();
      try {
        Deno.removeSync(path);
      } catch { /* newer runtimes have done that */ }
      let arrived = 0;
      const fd = open(reactor, sockaddrUnix(path));
      if (fd < 0) throw new Deno.errors.AddrInUse("Somebody else was quicker");
      return new EpollListener(
        reactor,
        fd,
        (peer) => arrive(new EpollStream(reactor, peer, unsentBytesMax, `unix:${++arrived}`)),
      );
    },
    close: () => reactor.close(),
  };
}

/** A socket that listens on an address, or on what a name stands for. Throws as `Deno.listen`. */
function openTcp(reactor: Reactor, options: TcpOptions): { fd: number; address: Deno.NetAddr } {
  const bytes = addressBytes(options.hostname);
  const fd = bytes === undefined ? -1 : open(reactor, sockaddrOf(bytes, options.port));
  if (fd >= 0) return { fd, address: { transport: "tcp", ...options } };
  // The runtime knows names, and says what is wrong with an address; then its place is ours.
  const probe = Deno.listen({ transport: "tcp", ...options });
  const address = probe.addr as Deno.NetAddr;
  probe.close();
  const second = open(reactor, sockaddrOf(addressBytes(address.hostname)!, address.port));
  if (second < 0) throw new Deno.errors.AddrInUse("Somebody else was quicker");
  return { fd: second, address };
}

/** A socket that listens, or -1. */
function open(reactor: Reactor, sockaddr: Uint8Array<ArrayBuffer>): number {
  const { libc } = reactor;
  const family = sockaddr[0]!;
  const fd = libc.socket(family, SOCK_STREAM | NONBLOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (family !== AF_UNIX) {
    setOption(reactor, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    // Accepted sockets inherit these. Replies go at once:
    setOption(reactor, fd, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(reactor, fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    for (const [option, value] of KEEPALIVE) setOption(reactor, fd, IPPROTO_TCP, option, value);
  }
  if (libc.bind(fd, sockaddr, sockaddr.length) === 0 && libc.listen(fd, ACCEPT_BACKLOG) === 0) {
    return fd;
  }
  libc.close(fd);
  return -1;
}

function setOption(
  { libc }: Reactor,
  fd: number,
  level: number,
  option: number,
  value: number,
): void {
  libc.setsockopt(fd, level, option, new Uint8Array(Int32Array.of(value).buffer), 4);
}

class EpollListener implements ListeningSocket, Watcher {
  readonly #reactor: Reactor;
  readonly #fd: number;
  readonly #arrive: (fd: number, from: Uint8Array<ArrayBuffer>) => ReturnType<OnAccept>;
  readonly #from = new Uint8Array(SOCKADDR_BYTES);
  readonly #fromBytes = new Uint8Array(4);
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failing = false;

  constructor(
    reactor: Reactor,
    fd: number,
    arrive: (fd: number, from: Uint8Array<ArrayBuffer>) => ReturnType<OnAccept>,
  ) {
    this.#reactor = reactor;
    this.#fd = fd;
    this.#arrive = arrive;
    if (!reactor.watch(fd, EPOLLIN, this)) {
      reactor.libc.close(fd);
      throw new Error("the system cannot watch another socket");
    }
  }

  ready(): void {
    for (let accepted = 0; accepted < ACCEPT_BATCH_MAX; accepted++) {
      this.#fromBytes[0] = SOCKADDR_BYTES;
      const { libc } = this.#reactor;
      const fd = libc.accept4(this.#fd, this.#from, this.#fromBytes, NONBLOCK_CLOEXEC);
      if (fd < 0) {
        // Nobody left, or one who has reset already; but at the first try descriptors are out.
        if (accepted === 0) this.#rest();
        return;
      }
      this.#failing = false;
      this.#receive(fd);
    }
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#reactor.unwatch(this.#fd);
    this.#reactor.libc.close(this.#fd);
  }

  async #receive(fd: number): Promise<void> {
    try {
      await this.#arrive(fd, this.#from);
    } catch (error) {
      log.error(
        `this is a bug, please report it (a connection that was accepted): ${String(error)}`,
      );
    }
  }

  /** Looks away for a while. One line a spell. */
  #rest(): void {
    if (!this.#failing) {
      log.error("Cannot accept a connection, mostly for want of descriptors; going on");
    }
    this.#failing = true;
    this.#reactor.rewatch(this.#fd, 0);
    this.#retry = setTimeout(() => this.#reactor.rewatch(this.#fd, EPOLLIN), RETRY_MS);
  }
}
