/**
 * The event loop of all sockets of a server: asks epoll which sockets are ready, and serves each.
 *
 * Rounds follow each other while there is work, but for at most `BUSY_MS`. After that, and when no
 * socket is ready, another thread waits, so that the runtime can handle timers, files and signals.
 * The kernel reports ready sockets in rotation, and a round reads each once, so no socket starves.
 */
import { EPOLL_EVENTS_MAX } from "../../limits.ts";
import {
  CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLIN,
  EPOLLRDHUP,
  EVENT_BYTES,
  EVENT_DATA_AT,
  type Libc,
  NONBLOCK_CLOEXEC,
  openLibc,
  POLL_EVENTS_AT,
  POLL_REVENTS_AT,
  POLLFD_BYTES,
} from "./libc.ts";
import { WriteBatch } from "./write_batch.ts";

/** Handles the events of one descriptor. */
export interface EventHandler {
  /**
   * Must not throw.
   * @param events EPOLLIN and so on.
   */
  onEvents(events: number): void;
}

interface Registration {
  readonly handler: EventHandler;
  /** Distinguishes the descriptor from earlier ones with the same number. */
  readonly serial: number;
}

/** How long rounds may follow each other before the runtime's own event loop runs. */
const BUSY_MS = 5;
/** How long to wait for events before another thread, which takes longer to wake up, waits. */
const WAIT_MS = 1;
const FOREVER = -1;
/** Bytes that a round reads from one socket; the lines in them run without a pause. */
export const READ_BYTES = 16 * 1024;

/** Functions that the loop calls in each round. */
export interface RoundHooks {
  /** Called before a socket is served. */
  onSliceStart(): void;
  /** Called after all ready sockets have been served. */
  onRoundEnd(): void;
}

export class Reactor {
  readonly libc: Libc;
  readonly #epoll: number;
  /** An eventfd that wakes the waiting thread. */
  readonly #wakeup: number;
  /** By descriptor; the kernel assigns the smallest free number. */
  readonly #registrations: (Registration | undefined)[] = [];
  #serials = 0;
  readonly #events = new Uint8Array(EPOLL_EVENTS_MAX * EVENT_BYTES);
  readonly #view = new DataView(this.#events.buffer);
  readonly #change = new Uint8Array(EVENT_BYTES);
  readonly #changeView = new DataView(this.#change.buffer);
  readonly #pollRecord = new Uint8Array(POLLFD_BYTES);
  readonly #pollView = new DataView(this.#pollRecord.buffer);
  readonly #ended: Promise<void>;
  readonly #hooks: RoundHooks;
  /** Collects the short replies of a round, which are sent together at its end. */
  readonly writeBatch = new WriteBatch();
  #isClosed = false;
  #buffer = new Uint8Array(READ_BYTES);

  /** Opens a reactor; returns undefined where epoll is missing or not permitted. */
  static open(hooks: RoundHooks): Reactor | undefined {
    const libc = openLibc();
    if (libc === undefined) return undefined;
    const epoll = libc.epoll_create1(CLOEXEC);
    const wakeup = libc.eventfd(0, NONBLOCK_CLOEXEC);
    if (epoll >= 0 && wakeup >= 0) return new Reactor(libc, epoll, wakeup, hooks);
    for (const fd of [epoll, wakeup]) if (fd >= 0) libc.close(fd);
    return undefined; // out of descriptors, or forbidden by a sandbox
  }

  private constructor(libc: Libc, epoll: number, wakeup: number, hooks: RoundHooks) {
    this.libc = libc;
    this.#epoll = epoll;
    this.#wakeup = wakeup;
    this.#hooks = hooks;
    this.add(wakeup, EPOLLIN, { onEvents: () => {} });
    this.#ended = this.#run();
  }

  /** The read buffer, shared by all sockets: valid for the round in which it is filled. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#buffer;
  }

  /** Leaves the buffer to the reader that still needs its bytes, and allocates a new one. */
  detachBuffer(): void {
    this.#buffer = new Uint8Array(READ_BYTES);
  }

  /** Whether the descriptor is registered. */
  has(fd: number): boolean {
    return this.#registrations[fd] !== undefined;
  }

  /** Registers a descriptor; returns false when the kernel has no room for another. */
  add(fd: number, events: number, handler: EventHandler): boolean {
    this.#serials = (this.#serials + 1) | 0;
    this.#registrations[fd] = { handler, serial: this.#serials };
    if (this.#control(EPOLL_CTL_ADD, fd, events)) return true;
    this.#registrations[fd] = undefined;
    return false;
  }

  /** Changes the events that are reported; the kernel then reports pending events again. */
  modify(fd: number, events: number): void {
    if (this.#registrations[fd] !== undefined) this.#control(EPOLL_CTL_MOD, fd, events);
  }

  /** Must be called before the descriptor is closed: its number may be given to another socket. */
  remove(fd: number): void {
    if (this.#registrations[fd] === undefined) return;
    this.#control(EPOLL_CTL_DEL, fd, 0);
    this.#registrations[fd] = undefined;
  }

  /** Like `remove`, for a descriptor that is closed next: the kernel then removes it by itself. */
  forget(fd: number): void {
    this.#registrations[fd] = undefined;
  }

  /** Returns a socket's pending events, reported or not: readable, closed by the peer, broken. */
  poll(fd: number): number {
    this.#pollView.setInt32(0, fd, true);
    this.#pollView.setInt32(POLL_EVENTS_AT, EPOLLIN | EPOLLRDHUP, true);
    if (this.libc.poll(this.#pollRecord, 1, 0) <= 0) return 0;
    return this.#pollView.getUint16(POLL_REVENTS_AT, true);
  }

  /** Ends the loop; all descriptors of sockets must have been removed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.libc.eventfd_write(this.#wakeup, 1n);
    await this.#ended;
    this.libc.close(this.#wakeup);
    this.libc.close(this.#epoll);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      this.#dispatch(
        await this.libc.epoll_wait_idle(this.#epoll, this.#events, EPOLL_EVENTS_MAX, FOREVER),
      );
      const startMs = performance.now();
      do {
        await undefined; // promise jobs that the sockets have queued run first
        const count = this.libc.epoll_wait(this.#epoll, this.#events, EPOLL_EVENTS_MAX, WAIT_MS);
        if (count <= 0) break;
        this.#dispatch(count);
      } while (performance.now() - startMs < BUSY_MS && !this.#isClosed);
    }
  }

  #dispatch(count: number): void {
    this.writeBatch.begin();
    for (let i = 0; i < count; i++) {
      const offset = i * EVENT_BYTES;
      const fd = this.#view.getInt32(offset + EVENT_DATA_AT, true);
      const registration = this.#registrations[fd];
      // The socket may have been closed in this round, and its number given to another.
      if (registration?.serial !== this.#view.getInt32(offset + EVENT_DATA_AT + 4, true)) continue;
      this.#hooks.onSliceStart();
      registration.handler.onEvents(this.#view.getUint32(offset, true));
    }
    this.writeBatch.end();
    this.#hooks.onRoundEnd();
  }

  #control(operation: number, fd: number, events: number): boolean {
    this.#changeView.setUint32(0, events, true);
    this.#changeView.setInt32(EVENT_DATA_AT, fd, true);
    this.#changeView.setInt32(EVENT_DATA_AT + 4, this.#registrations[fd]!.serial, true);
    return this.libc.epoll_ctl(this.#epoll, operation, fd, this.#change) === 0;
  }
}
