/**
 * A byte stream that the reactor waits for. What comes is read and heard in one go, without a
 * promise, and what is said is mostly sent at once.
 */
import type { Hearer } from "../connection.ts";
import { Stream } from "../stream.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, MSG_NOSIGNAL, SHUT_WR } from "./libc.ts";
import type { Reactor, Watcher } from "./reactor.ts";

export class EpollStream extends Stream implements Watcher {
  readonly #fd: number;
  readonly #reactor: Reactor;
  /** Whoever pumps or reads, and how that ends. */
  #hearer: Hearer | undefined;
  #ended: PromiseWithResolvers<void> | undefined;
  /** Whether the hearer is busy: nothing is read meanwhile. */
  #isBusy = false;
  /** What could not be sent at once, and who waits for it. */
  #unsent: Uint8Array<ArrayBuffer> | undefined;
  #sent: PromiseWithResolvers<void> | undefined;
  /** What the kernel is asked to tell; nothing is told twice that nobody wants to know. */
  #watched = 0;
  /** Whether the socket is broken in both directions. */
  #isBroken = false;
  #isReleased = false;

  constructor(reactor: Reactor, fd: number, address: string, host?: string) {
    super(address, host);
    this.#reactor = reactor;
    this.#fd = fd;
    reactor.watch(fd, 0, this);
  }

  override pump(hearer: Hearer): Promise<void> {
    this.#hearer = hearer;
    this.#ended = Promise.withResolvers();
    const { promise } = this.#ended;
    this.#listen();
    return promise;
  }

  /** One piece, for who has no hearer: a copy. */
  override async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    let read: Uint8Array<ArrayBuffer> | null = null;
    let isOver = false;
    await this.pump({
      get isOver(): boolean {
        return isOver;
      },
      hear(bytes): undefined {
        read = bytes && bytes.slice();
        isOver = true;
      },
      gone: () => {},
    });
    return read;
  }

  ready(events: number): void {
    if ((events & (EPOLLERR | EPOLLHUP)) !== 0) this.#isBroken = true;
    if (this.#unsent !== undefined && (this.#isBroken || (events & EPOLLOUT) !== 0)) {
      this.#sendRest();
    }
    if (this.#hearer !== undefined && !this.#isBusy) this.#read();
    else this.#rewatch();
  }

  override get isWriting(): boolean {
    return this.#unsent !== undefined;
  }

  override write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#isReleased) throw this.lost("write to");
    const count = this.#send(bytes);
    if (count === bytes.length) return undefined;
    if (this.#isBroken) throw this.lost("write to");
    this.#unsent = bytes.slice(Math.max(0, count));
    this.#sent = Promise.withResolvers();
    this.#rewatch();
    return this.#sent.promise;
  }

  protected override closeWrite(): Promise<void> {
    if (!this.#isReleased) this.#reactor.libc.shutdown(this.#fd, SHUT_WR);
    return Promise.resolve();
  }

  protected override release(): void {
    this.#isReleased = true;
    this.#reactor.unwatch(this.#fd);
    this.#reactor.libc.close(this.#fd);
    this.#sent?.reject(this.lost("write to"));
    this.#end(this.lost("read from"));
  }

  #send(bytes: Uint8Array<ArrayBuffer>): number {
    return this.#reactor.libc.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL);
  }

  #sendRest(): void {
    const unsent = this.#unsent!;
    const count = this.#isBroken ? -1 : this.#send(unsent);
    if (this.#isBroken) this.#sent!.reject(this.lost("write to"));
    else if (count === unsent.length) this.#sent!.resolve();
    else {
      this.#unsent = unsent.subarray(Math.max(0, count));
      return;
    }
    this.#unsent = undefined;
    this.#sent = undefined;
  }

  #read(): void {
    const { buffer, libc } = this.#reactor;
    const count = libc.recv(this.#fd, buffer, buffer.length, 0);
    if (count < 0 && !this.#isBroken) return; // another look, when there is something
    if (count < 0) return this.#end(this.lost("read from"));
    const hearer = this.#hearer!;
    let waiting: Promise<void> | undefined;
    try {
      waiting = hearer.hear(count === 0 ? null : buffer.subarray(0, count));
    } catch (error) {
      return this.#end(error);
    }
    if (waiting === undefined) {
      if (count === 0 || hearer.isOver) this.#end();
      return;
    }
    this.#reactor.giveBufferAway();
    this.#isBusy = true;
    waiting.then(() => {
      this.#isBusy = false;
      if (count === 0 || hearer.isOver) this.#end();
      else this.#listen();
    }, (error) => this.#end(error));
  }

  /** Ends the pumping; `error` is undefined when it has come to its end. */
  #end(error?: unknown): void {
    const ended = this.#ended;
    this.#hearer?.gone();
    this.#hearer = undefined;
    this.#ended = undefined;
    this.#isBusy = false;
    if (!this.#isReleased) this.#rewatch();
    if (error === undefined) ended?.resolve();
    else ended?.reject(error);
  }

  /** Goes on hearing. Of a broken socket nothing more is told, but there may be something to read. */
  #listen(): void {
    if (!this.#isReleased) this.#rewatch();
    while (this.#isBroken && this.#hearer !== undefined && !this.#isBusy) this.#read();
  }

  /** Has the kernel tell what is of use now. */
  #rewatch(): void {
    const wantsMore = this.#hearer !== undefined && !this.#isBusy;
    const events = (wantsMore ? EPOLLIN : 0) | (this.#unsent !== undefined ? EPOLLOUT : 0);
    if (events === this.#watched) {
      // A broken socket is told of again and again, also to those who want nothing.
      if (this.#isBroken && events === 0) this.#reactor.unwatch(this.#fd);
      return;
    }
    this.#watched = events;
    this.#reactor.rewatch(this.#fd, events);
  }
}
