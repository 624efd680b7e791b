/**
 * Accepts connections by epoll, on listening sockets that the runtime has opened.
 *
 * `Deno.listen` opens and closes the socket, so permissions, names, IPv6 scopes and error texts are
 * the runtime's. This file accepts the connections: it never calls the listener's `accept()`, so
 * the runtime does not touch the socket's queue (docs/decisions/0006).
 */
import { ACCEPT_BACKLOG, ACCEPT_BATCH_MAX } from "../../limits.ts";
import { log } from "../../log.ts";
import { addressText, hostText } from "../address.ts";
import type { ListeningSocket, OnAccept, RuntimeListener, SocketBackend } from "../backend.ts";
import { denoBackend } from "../deno_backend.ts";
import { findDescriptor } from "./adopt.ts";
import {
  EPOLLIN,
  IPPROTO_TCP,
  type Libc,
  NONBLOCK_CLOEXEC,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from "./libc.ts";
import type { EventHandler, Reactor } from "./reactor.ts";
import { addressOf, SOCKADDR_BYTES } from "./sockaddr.ts";
import { EpollStream } from "./stream.ts";

/** How long to wait after a failure to accept, usually for lack of file descriptors. */
const RETRY_MS = 100;
/**
 * Options of a listening TCP socket, which accepted sockets inherit: replies are sent at once, and
 * a vanished machine is noticed after 10 s + 3 x 5 s.
 */
const TCP_OPTIONS: readonly (readonly [level: number, option: number, value: number])[] = [
  [IPPROTO_TCP, TCP_NODELAY, 1],
  [SOL_SOCKET, SO_KEEPALIVE, 1],
  [IPPROTO_TCP, TCP_KEEPIDLE, 10],
  [IPPROTO_TCP, TCP_KEEPINTVL, 5],
  [IPPROTO_TCP, TCP_KEEPCNT, 3],
];

/** @param unsentBytesMax how many bytes may wait for a peer that does not read. */
export function epollBackend(reactor: Reactor, unsentBytesMax: number): SocketBackend {
  const runtime = denoBackend(unsentBytesMax);
  return {
    accept(listener, onAccept): ListeningSocket {
      const fd = findDescriptor(reactor.libc, listener, (fd) => reactor.has(fd));
      if (fd === undefined) return runtime.accept(listener, onAccept);
      const isTcp = listener.addr.transport === "tcp";
      if (isTcp) setOptions(reactor.libc, fd);
      reactor.libc.listen(fd, ACCEPT_BACKLOG);
      let accepted = 0;
      return new EpollListener(reactor, listener, fd, (peer, sockaddr) => {
        accepted++;
        if (!isTcp) {
          return onAccept(new EpollStream(reactor, peer, unsentBytesMax, `unix:${accepted}`));
        }
        if (accepted <= ACCEPT_BACKLOG) setOptions(reactor.libc, peer);
        const remote = addressOf(sockaddr);
        const [address, host] = [addressText(remote), hostText(remote)];
        return onAccept(new EpollStream(reactor, peer, unsentBytesMax, address, host));
      });
    },
    close: () => reactor.close(),
  };
}

/**
 * Sets the options of a listening socket, or of one of the first accepted sockets: the runtime was
 * already listening when the listening socket got its options, so those in its queue lack them.
 */
function setOptions(libc: Libc, fd: number): void {
  for (const [level, option, value] of TCP_OPTIONS) {
    libc.setsockopt(fd, level, option, new Uint8Array(Int32Array.of(value).buffer), 4);
  }
}

type OnDescriptor = (fd: number, sockaddr: Uint8Array<ArrayBuffer>) => ReturnType<OnAccept>;

class EpollListener implements ListeningSocket, EventHandler {
  readonly #reactor: Reactor;
  readonly #listener: RuntimeListener;
  readonly #fd: number;
  readonly #onDescriptor: OnDescriptor;
  readonly #sockaddr = new Uint8Array(SOCKADDR_BYTES);
  readonly #sockaddrBytes = new Uint8Array(4);
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isFailing = false;

  constructor(
    reactor: Reactor,
    listener: RuntimeListener,
    fd: number,
    onDescriptor: OnDescriptor,
  ) {
    this.#reactor = reactor;
    this.#listener = listener;
    this.#fd = fd;
    this.#onDescriptor = onDescriptor;
    if (!reactor.add(fd, EPOLLIN, this)) {
      listener.close();
      throw new Error(
        "Cannot register the socket with epoll: out of memory, or fs.epoll.max_user_watches is reached",
      );
    }
  }

  onEvents(): void {
    for (let accepted = 0; accepted < ACCEPT_BATCH_MAX; accepted++) {
      this.#sockaddrBytes[0] = SOCKADDR_BYTES;
      const { libc } = this.#reactor;
      const fd = libc.accept4(this.#fd, this.#sockaddr, this.#sockaddrBytes, NONBLOCK_CLOEXEC);
      if (fd < 0) {
        // The queue is empty, or the peer has reset the connection already. If the first call of a
        // batch fails, descriptors have usually run out.
        if (accepted === 0) this.#pause();
        return;
      }
      this.#isFailing = false;
      this.#serve(fd);
    }
  }

  close(): undefined {
    clearTimeout(this.#retry);
    this.#reactor.remove(this.#fd);
    this.#listener.close();
  }

  async #serve(fd: number): Promise<void> {
    try {
      await this.#onDescriptor(fd, this.#sockaddr);
    } catch (error) {
      log.error(`Cannot serve an accepted connection, please report this: ${String(error)}`);
    }
  }

  /** Stops accepting for a while, and logs one line for a series of failures. */
  #pause(): void {
    if (!this.#isFailing) {
      log.error("Cannot accept a connection, usually for lack of file descriptors; trying again");
    }
    this.#isFailing = true;
    this.#reactor.modify(this.#fd, 0);
    this.#retry = setTimeout(() => this.#reactor.modify(this.#fd, EPOLLIN), RETRY_MS);
  }
}
