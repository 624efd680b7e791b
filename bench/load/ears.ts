/** Which of many descriptors can be read, one at a time, waiting in the kernel. Linux only. */
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLIN,
  EVENT_BYTES,
  EVENT_DATA_AT,
} from "../../lib/transport/epoll/libc.ts";
import type { Calls } from "./calls.ts";

export class Ears implements Disposable {
  readonly #calls: Calls;
  readonly #epoll: number;
  readonly #event = new Uint8Array(EVENT_BYTES);
  readonly #words = new Int32Array(this.#event.buffer);

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#epoll = calls.epoll_create1(0);
  }

  /** Listens to a descriptor until it is closed. */
  add(fd: number, number: number): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setInt32(EVENT_DATA_AT, number, true);
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event);
  }

  /** Listens no more to one that stays open. */
  remove(fd: number): void {
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, fd, new Uint8Array(EVENT_BYTES));
  }

  /** The number of the next that can be read; -1 when none could in that time. */
  next(waitMs: number): number {
    const count = this.#calls.epoll_wait(this.#epoll, this.#event, 1, Math.ceil(waitMs));
    return count > 0 ? this.#words[EVENT_DATA_AT >> 2]! : -1;
  }

  [Symbol.dispose](): void {
    this.#calls.close(this.#epoll);
  }
}
