/** Waits in the kernel for many descriptors at once, timers included. Linux only. */
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLIN,
  EVENT_BYTES,
  EVENT_DATA_AT,
  NONBLOCK_CLOEXEC,
} from "../../lib/transport/epoll/libc.ts";
import { type Calls, CLOCK_MONOTONIC, libc } from "./libc.ts";

/** Reports which descriptors can be read, by the numbers they were added with. */
export class Poller implements Disposable {
  readonly #calls: Calls = libc();
  readonly #epoll = this.#calls.epoll_create1(0);
  readonly #eventsMax: number;
  readonly #events: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array;

  /** @param eventsMax how many descriptors one wait reports at most */
  constructor(eventsMax = 1) {
    this.#eventsMax = eventsMax;
    this.#events = new Uint8Array(Math.max(eventsMax * EVENT_BYTES, 128));
    this.#words = new Int32Array(this.#events.buffer);
  }

  /** Adds a descriptor; closing it removes it. */
  add(fd: number, number: number): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setInt32(EVENT_DATA_AT, number, true);
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event);
  }

  /** Removes a descriptor that stays open. */
  remove(fd: number): void {
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, fd, new Uint8Array(EVENT_BYTES));
  }

  /** Waits for at most `waitMs`; returns how many descriptors `numberAt()` tells. */
  wait(waitMs: number): number {
    return this.#calls.epoll_wait(this.#epoll, this.#events, this.#eventsMax, waitMs);
  }

  numberAt(i: number): number {
    return this.#words[(i * EVENT_BYTES + EVENT_DATA_AT) >> 2]!;
  }

  /** Returns the number of a descriptor that can be read, or -1 after `waitMs`. */
  next(waitMs: number): number {
    return this.wait(Math.ceil(waitMs)) > 0 ? this.numberAt(0) : -1;
  }

  [Symbol.dispose](): void {
    this.#calls.close(this.#epoll);
  }
}

/** A kernel timer that fires at a fixed interval. */
export class Ticker implements Disposable {
  /** Can be read when the timer has fired. */
  readonly fd: number;
  readonly #calls: Calls = libc();
  readonly #count = new Uint8Array(8);
  readonly #words = new Uint32Array(this.#count.buffer);

  constructor(intervalMs: number) {
    this.fd = this.#calls.timerfd_create(CLOCK_MONOTONIC, NONBLOCK_CLOEXEC);
    const interval = BigInt(Math.round(intervalMs * 1e6));
    const times = new Uint8Array(BigInt64Array.of(0n, interval, 0n, interval).buffer);
    this.#calls.timerfd_settime(this.fd, 0, times, null);
  }

  /** Returns how many times the timer has fired since the last call. */
  ticks(): number {
    return this.#calls.read(this.fd, this.#count, this.#count.length) > 0 ? this.#words[0]! : 0;
  }

  [Symbol.dispose](): void {
    this.#calls.close(this.fd);
  }
}
