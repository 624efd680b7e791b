/**
 * A socket driven by the epoll reactor. Input is read and handled synchronously, without promises.
 * Short replies are batched and sent at the end of each round.
 */
import type { CloseReason, Receiver } from "../connection.ts";
import { lostError } from "../errors.ts";
import { SocketStream } from "../stream.ts";
import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, SHUT_WR } from "./libc.ts";
import { endReadLoop, type ReadLoop } from "./read_loop.ts";
import { type EventHandler, type Reactor, READ_BYTES } from "./reactor.ts";
import { SocketWriter } from "./socket_writer.ts";
import type { BatchTarget } from "./write_batch.ts";

/**
 * Edge-triggered, so that events are reported in order of arrival. With level triggering, a socket that
 * was just served could be reported before another that closed in the meantime; a request sent after
 * the holder disconnected would then find the lock still held.
 */
const READING = EPOLLET | EPOLLIN | EPOLLRDHUP;
/** While reading is paused, only the close of the peer is reported. */
const PAUSED = EPOLLET | EPOLLRDHUP;

export class EpollStream extends SocketStream implements EventHandler, BatchTarget {
  readonly #fd: number;
  readonly #reactor: Reactor;
  readonly #writer: SocketWriter;
  /** The current `pump`; a later call replaces it, as in `SocketStream.closeAfter`. */
  #loop: ReadLoop | undefined;
  /** The events that the kernel is asked to report. */
  #events = READING;
  /** Whether there may be unread input that epoll will not report again. */
  #hasMore = false;
  /** How the peer closed the connection, even if the receiver has not been told. */
  #peerCloseReason: CloseReason | undefined;
  #isSocketClosed = false;

  /** @param unsentBytesMax how many bytes may wait for a peer that does not read. */
  constructor(
    reactor: Reactor,
    fd: number,
    unsentBytesMax: number,
    address: string,
    host?: string,
  ) {
    super(address, host);
    this.#reactor = reactor;
    this.#fd = fd;
    this.#writer = new SocketWriter(reactor.libc, fd, unsentBytesMax, address);
    if (!reactor.add(fd, READING, this)) {
      reactor.libc.close(fd);
      throw new Error(
        "Cannot register the socket with epoll: out of memory, or fs.epoll.max_user_watches is reached",
      );
    }
  }

  override pump(receiver: Receiver): Promise<void> {
    if (this.#loop !== undefined) this.#endLoop();
    const loop = { receiver, ended: Promise.withResolvers<void>(), isPaused: false };
    if (this.#isSocketClosed) endReadLoop(loop, this.#lostError(), "lost");
    else {
      this.#loop = loop;
      this.#resume();
    }
    return loop.ended.promise;
  }

  /** Reads one chunk, for callers without a receiver. Returns a copy. */
  override async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    let chunk: Uint8Array<ArrayBuffer> | null = null;
    let isDone = false;
    await this.pump({
      get isDone(): boolean {
        return isDone;
      },
      onData(bytes): undefined {
        chunk = bytes && bytes.slice();
        isDone = true;
      },
      onClose: () => {},
    });
    return chunk;
  }

  onEvents(events: number): void {
    this.#recordClose(events);
    const writer = this.#writer;
    if (writer.hasUnsent && (writer.isBroken || (events & EPOLLOUT) !== 0)) writer.sendRest();
    if (!this.#isReading) {
      this.#hasMore = true;
      this.#reportClosing();
      return this.#updateEvents();
    }
    this.#updateEvents(); // unsent bytes may have been sent
    const isEnding = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0;
    let count: number;
    // Reads the end of the input right after the last bytes, so that no other connection's request
    // runs in between.
    do count = this.#read(this.#loop!); while (
      isEnding && count > 0 && count < READ_BYTES && this.#isReading
    );
    this.#hasMore = count === READ_BYTES || isEnding && count > 0;
    // Re-arms the socket, so that epoll reports the rest after the other ready sockets.
    if (this.#hasMore && this.#isReading) this.#reactor.modify(this.#fd, this.#events);
  }

  /** Records a close that the kernel reports. */
  #recordClose(events: number): void {
    if ((events & (EPOLLERR | EPOLLHUP)) !== 0) {
      this.#writer.isBroken = true;
      // A Unix socket reports EPOLLHUP for a normal close, too.
      const isLost = (events & EPOLLERR) !== 0 || this.host !== undefined;
      this.#peerCloseReason = isLost ? "lost" : "closed";
    } else if ((events & EPOLLRDHUP) !== 0) this.#peerCloseReason ??= "closed";
  }

  /** Tells a paused receiver that the peer has closed, so that it can abandon a pending request. */
  #reportClosing(): void {
    if (this.#peerCloseReason !== undefined) {
      this.#loop?.receiver.onClosing?.(this.#peerCloseReason);
    }
  }

  /** Reading pauses while the receiver is busy, and while the peer does not read its replies. */
  get #isReading(): boolean {
    return this.#loop?.isPaused === false && !this.#writer.hasUnsent;
  }

  override get isWriting(): boolean {
    return this.#writer.hasUnsent;
  }

  override closeReason(): CloseReason | undefined {
    if (this.#isSocketClosed) return "lost";
    this.#recordClose(this.#reactor.poll(this.#fd));
    return this.#peerCloseReason;
  }

  override hasUnread(): boolean {
    return !this.#isSocketClosed && (this.#reactor.poll(this.#fd) & EPOLLIN) !== 0;
  }

  override write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#isSocketClosed) throw lostError("write to", this.address);
    const { writeBatch } = this.#reactor;
    if (!this.#writer.hasUnsent && writeBatch.add(bytes, this)) return undefined;
    writeBatch.flush();
    return this.#send(bytes);
  }

  flushBatched(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isSocketClosed) return;
    try {
      this.#send(bytes)?.catch(() => {}); // the reader learns of the failure, too
    } catch (error) {
      this.#endLoop(error);
    }
  }

  #send(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    const sending = this.#writer.send(bytes);
    if (sending !== undefined) this.#updateEvents();
    return sending;
  }

  protected override async closeWrite(): Promise<void> {
    this.#reactor.writeBatch.flush();
    await this.#writer.flushed;
    if (!this.#isSocketClosed) this.#reactor.libc.shutdown(this.#fd, SHUT_WR);
  }

  protected override closeSocket(): void {
    this.#reactor.writeBatch.flush();
    this.#isSocketClosed = true;
    this.#reactor.forget(this.#fd);
    this.#reactor.libc.close(this.#fd);
    this.#writer.abort();
    if (this.#loop !== undefined) this.#endLoop(this.#lostError());
  }

  /** Reads once and hands the bytes over. Returns their number, negative when there are none. */
  #read(loop: ReadLoop): number {
    const { buffer, libc } = this.#reactor;
    const count = libc.recv(this.#fd, buffer, READ_BYTES, 0);
    if (count >= 0) this.#handOver(loop, buffer, count);
    else if (this.#writer.isBroken) this.#endLoop(undefined, "lost"); // a reset is not an error
    return count;
  }

  /** Hands the first `count` bytes to the receiver; 0 bytes are the end of the input. */
  #handOver(loop: ReadLoop, buffer: Uint8Array<ArrayBuffer>, count: number): void {
    const { receiver } = loop;
    let pending: Promise<void> | undefined;
    try {
      pending = receiver.onData(count === 0 ? null : buffer.subarray(0, count));
    } catch (error) {
      return this.#endLoop(error);
    }
    const isOver = () => count === 0 || receiver.isDone;
    // The receiver closes the connection at the end of the input, so the last replies go out first.
    if (count === 0 && pending === undefined) {
      this.#reactor.writeBatch.flush();
      pending = this.#writer.flushed;
    }
    if (pending !== undefined) this.#pauseUntil(pending, loop, isOver);
    else if (isOver()) this.#endLoop();
  }

  /** Pauses reading until the receiver's promise settles. */
  #pauseUntil(pending: Promise<void>, loop: ReadLoop, isOver: () => boolean): void {
    this.#reactor.detachBuffer();
    loop.isPaused = true;
    const settle = (error?: unknown) => {
      loop.isPaused = false;
      if (loop.end !== undefined) endReadLoop(loop, loop.end.error, loop.end.reason);
      else if (error !== undefined || isOver()) this.#endLoop(error);
      else this.#resume();
    };
    pending.then(() => settle(), (error) => settle(error ?? new Error("rejected")));
    this.#reportClosing();
  }

  /** @param error undefined when the input was read to its end. */
  #endLoop(
    error?: unknown,
    reason: CloseReason = error === undefined ? this.#peerCloseReason ?? "closed" : "lost",
  ): void {
    const loop = this.#loop;
    if (loop === undefined) return;
    this.#loop = undefined;
    // A broken socket is usually closed before epoll reports it again, so this skips the system call.
    // If epoll does report it again, `#updateEvents` removes it.
    if (!this.#isSocketClosed && !this.#writer.isBroken) this.#updateEvents();
    endReadLoop(loop, error, reason);
  }

  #resume(): void {
    if (!this.#isSocketClosed) this.#updateEvents();
    // epoll reports no further events for a broken socket, but input may remain.
    while (this.#writer.isBroken && this.#isReading) this.#read(this.#loop!);
  }

  /** Asks the kernel for the events that are needed now. */
  #updateEvents(): void {
    const events = (this.#isReading ? READING : PAUSED) | (this.#writer.hasUnsent ? EPOLLOUT : 0);
    if (events === this.#events) {
      if (this.#writer.isBroken && events === PAUSED) this.#reactor.remove(this.#fd);
      else if (this.#hasMore && this.#isReading) this.#reactor.modify(this.#fd, events);
      return;
    }
    this.#events = events;
    this.#reactor.modify(this.#fd, events);
  }

  #lostError(): Error {
    return lostError("read from", this.address);
  }
}
