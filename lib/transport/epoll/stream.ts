/**
 * A byte stream that the reactor waits for. What comes is read and heard in one go, without a
 * promise, and what is said is mostly sent at once.
 */
import type { CloseReason, Receiver } from "../connection.ts";
import { SocketStream } from "../stream.ts";
import {
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  MSG_NOSIGNAL,
  SHUT_WR,
} from "./libc.ts";
import type { Addressee } from "./outbox.ts";
import { finish, type Pumping } from "./pumping.ts";
import { type Reactor, READ_BYTES, type Watcher } from "./reactor.ts";

const NOTHING = new Uint8Array(1);

/**
 * Told of once for each thing that comes, in the order it came. Told of as long as there is
 * something, who had just been told of would stand before one who has ended since: and a lock must
 * be free for whoever asks after its holder's end.
 */
const READING = EPOLLET | EPOLLIN | EPOLLRDHUP;

export class EpollStream extends SocketStream implements Watcher, Addressee {
  readonly #fd: number;
  readonly #unsentBytesMax: number;
  readonly #reactor: Reactor;
  /** Who hears what comes; another may take over, as for the last words. */
  #pumping: Pumping | undefined;
  /** What could not be sent at once, and who waits for it. */
  #unsent: Uint8Array<ArrayBuffer> | undefined;
  #sent: PromiseWithResolvers<void> | undefined;
  /** What the kernel is asked to tell; nothing is told twice that nobody wants to know. */
  #watched = READING;
  /** Whether something may be left to read that the kernel has told of already. */
  #hasMore = false;
  /** Whether the socket is broken in both directions. */
  #isBroken = false;
  /** How the peer has ended, heard of by its hearer or not. */
  #ending: CloseReason | undefined;
  #isReleased = false;

  /** @param unsentBytesMax how much may wait for a peer that does not read. */
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
    this.#unsentBytesMax = unsentBytesMax;
    if (!reactor.watch(fd, READING, this)) {
      reactor.libc.close(fd);
      throw new Error("the system cannot watch another socket");
    }
  }

  override pump(hearer: Receiver): Promise<void> {
    if (this.#pumping !== undefined) this.#end();
    const pumping = { hearer, ended: Promise.withResolvers<void>(), isBusy: false };
    if (this.#isReleased) finish(pumping, this.lost("read from"), "lost");
    else {
      this.#pumping = pumping;
      this.#listen();
    }
    return pumping.ended.promise;
  }

  /** One piece, for who has no hearer: a copy. */
  override async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    let read: Uint8Array<ArrayBuffer> | null = null;
    let isOver = false;
    await this.pump({
      get isOver(): boolean {
        return isOver;
      },
      onData(bytes): undefined {
        read = bytes && bytes.slice();
        isOver = true;
      },
      onClose: () => {},
    });
    return read;
  }

  ready(events: number): void {
    this.#noteEnd(events);
    if (this.#unsent !== undefined && (this.#isBroken || (events & EPOLLOUT) !== 0)) {
      this.#sendRest();
    }
    if (!this.#wantsMore) {
      this.#hasMore = true;
      this.#tellEnding();
      return this.#rewatch();
    }
    this.#rewatch(); // what could not be sent, may have been
    const isEnding = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0;
    let count: number;
    // The end is heard with the last bytes: who asks next must not come between them.
    do count = this.#read(this.#pumping!); while (
      isEnding && count > 0 && count < READ_BYTES && this.#wantsMore
    );
    this.#hasMore = count === READ_BYTES || isEnding && count > 0;
    // Told of once only: who may have left something is told of again, behind the others.
    if (this.#hasMore && this.#wantsMore) this.#reactor.rewatch(this.#fd, this.#watched);
  }

  /** What the system tells of the peer's end. */
  #noteEnd(events: number): void {
    if ((events & (EPOLLERR | EPOLLHUP)) !== 0) {
      this.#isBroken = true;
      // A Unix socket that is just closed is told of in the same way.
      const isLost = (events & EPOLLERR) !== 0 || this.host !== undefined;
      this.#ending = isLost ? "lost" : "closed";
    } else if ((events & EPOLLRDHUP) !== 0) this.#ending ??= "closed";
  }

  /** Who is busy may be waiting for what it will never need. */
  #tellEnding(): void {
    if (this.#ending !== undefined) this.#pumping?.hearer.onClosing?.(this.#ending);
  }

  /** Who has to wait, and who does not read our replies, is read nothing from. */
  get #wantsMore(): boolean {
    return this.#pumping?.isBusy === false && this.#unsent === undefined;
  }

  override get isWriting(): boolean {
    return this.#unsent !== undefined;
  }

  override closeReason(): CloseReason | undefined {
    if (this.#isReleased) return "lost";
    this.#noteEnd(this.#reactor.stateOf(this.#fd));
    return this.#ending;
  }

  override hasUnread(): boolean {
    return !this.#isReleased && (this.#reactor.stateOf(this.#fd) & EPOLLIN) !== 0;
  }

  override write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#isReleased) throw this.lost("write to");
    const { outbox } = this.#reactor;
    if (this.#unsent === undefined && outbox.take(bytes, this)) return undefined;
    outbox.empty();
    return this.#send(bytes);
  }

  deliver(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isReleased) return;
    try {
      this.#send(bytes)?.catch(() => {}); // whoever reads from it, hears of that as well
    } catch (error) {
      this.#end(error);
    }
  }

  protected override async closeWrite(): Promise<void> {
    this.#reactor.outbox.empty();
    await this.#sent?.promise;
    if (!this.#isReleased) this.#reactor.libc.shutdown(this.#fd, SHUT_WR);
  }

  protected override release(): void {
    this.#reactor.outbox.empty();
    this.#isReleased = true;
    this.#reactor.forget(this.#fd);
    this.#reactor.libc.close(this.#fd);
    this.#sent?.reject(this.lost("write to"));
    if (this.#pumping !== undefined) this.#end(this.lost("read from"));
  }

  /** Sends what the system takes; the rest when it takes more. */
  #send(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    const unsent = this.#unsent;
    const count = unsent === undefined ? this.#transmit(bytes) : 0;
    if (count === bytes.length) return undefined;
    if (this.#isBroken) throw this.lost("write to");
    const restBytes = bytes.length - count + (unsent?.length ?? 0);
    if (restBytes > this.#unsentBytesMax) {
      this.#isBroken = true; // in the middle of something, so that nothing more can be said
      throw this.stalled(restBytes);
    }
    this.#unsent = new Uint8Array(restBytes);
    if (unsent !== undefined) this.#unsent.set(unsent);
    this.#unsent.set(bytes.subarray(count), unsent?.length ?? 0);
    this.#sent ??= Promise.withResolvers();
    this.#rewatch();
    return this.#sent.promise;
  }

  #transmit(bytes: Uint8Array<ArrayBuffer>): number {
    return Math.max(
      0,
      this.#reactor.libc.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL),
    );
  }

  /** Fails where nothing can be sent, not where there is no room. */
  #transmitNothing(): number {
    return this.#reactor.libc.send(this.#fd, NOTHING, 0, MSG_NOSIGNAL);
  }

  #sendRest(): void {
    const unsent = this.#unsent!;
    const count = this.#isBroken ? 0 : this.#transmit(unsent);
    // The system has room, but does not take them: none of ours comes through any more.
    if (count === 0 && this.#transmitNothing() < 0) this.#isBroken = true;
    if (this.#isBroken) this.#sent!.reject(this.lost("write to"));
    else if (count === unsent.length) this.#sent!.resolve();
    else {
      this.#unsent = unsent.subarray(count);
      return;
    }
    this.#unsent = undefined;
    this.#sent = undefined;
  }

  /** Reads once and has it heard; how much that was, negative for nothing. */
  #read(pumping: Pumping): number {
    const { buffer, libc } = this.#reactor;
    const count = libc.recv(this.#fd, buffer, READ_BYTES, 0);
    if (count >= 0) this.#hand(pumping, buffer, count);
    else if (this.#isBroken) this.#end(undefined, "lost"); // a reset is nobody's mistake
    return count;
  }

  /** Has the hearer hear the first `count` bytes; none are the end. */
  #hand(pumping: Pumping, buffer: Uint8Array<ArrayBuffer>, count: number): void {
    const { hearer } = pumping;
    let waiting: Promise<void> | undefined;
    try {
      waiting = hearer.onData(count === 0 ? null : buffer.subarray(0, count));
    } catch (error) {
      return this.#end(error);
    }
    const isOver = () => count === 0 || hearer.isOver;
    // What is said last may not be left behind: whoever has heard the end, closes.
    if (count === 0 && waiting === undefined) {
      this.#reactor.outbox.empty();
      waiting = this.#sent?.promise;
    }
    if (waiting !== undefined) this.#await(pumping, waiting, isOver);
    else if (isOver()) this.#end();
  }

  /** Reads nothing more for a hearer who is busy. */
  #await(pumping: Pumping, waiting: Promise<void>, isOver: () => boolean): void {
    this.#reactor.giveBufferAway();
    pumping.isBusy = true;
    const settle = (error?: unknown) => {
      pumping.isBusy = false;
      if (pumping.over !== undefined) finish(pumping, pumping.over.error, pumping.over.how);
      else if (error !== undefined || isOver()) this.#end(error);
      else this.#listen();
    };
    waiting.then(() => settle(), (error) => settle(error ?? new Error("rejected")));
    this.#tellEnding();
  }

  /** Ends the pumping; `error` is undefined when it has come to its end. */
  #end(
    error?: unknown,
    how: CloseReason = error === undefined ? this.#ending ?? "closed" : "lost",
  ): void {
    const pumping = this.#pumping;
    if (pumping === undefined) return;
    this.#pumping = undefined;
    // Mostly a broken one is closed before it is told of again; if not, that is the time to look away.
    if (!this.#isReleased && !this.#isBroken) this.#rewatch();
    finish(pumping, error, how);
  }

  /** Goes on hearing. Of a broken socket nothing more is told, but there may be something to read. */
  #listen(): void {
    if (!this.#isReleased) this.#rewatch();
    while (this.#isBroken && this.#wantsMore) this.#read(this.#pumping!);
  }

  /** Has the kernel tell what is of use now. */
  #rewatch(): void {
    // The end is of use to who is busy, too: only that, or each piece would be told of.
    const events = (this.#wantsMore ? READING : EPOLLET | EPOLLRDHUP) |
      (this.#unsent !== undefined ? EPOLLOUT : 0);
    if (events === this.#watched) {
      if (this.#isBroken && events === (EPOLLET | EPOLLRDHUP)) this.#reactor.unwatch(this.#fd);
      else if (this.#hasMore && this.#wantsMore) this.#reactor.rewatch(this.#fd, events);
      return;
    }
    this.#watched = events;
    this.#reactor.rewatch(this.#fd, events);
  }
}
