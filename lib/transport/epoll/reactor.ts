/**
 * One loop for all sockets of a server: asks the kernel which are ready, and gives each its turn.
 *
 * Rounds follow each other at once while there is something to do, but not longer than a turn of
 * the runtime's own loop may last; then, and when nothing is ready, the waiting is left to a thread,
 * so that timers, files and signals have theirs. The kernel lists ready sockets in turn, and each is
 * read once a round: nobody starves, however many there are.
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
  POLL_ASKED_AT,
  POLL_BYTES,
  POLL_TOLD_AT,
} from "./libc.ts";
import { Outbox } from "./outbox.ts";

/** Something with a descriptor. `ready` must not throw. */
export interface Watcher {
  /** @param events of epoll: EPOLLIN and so on. */
  ready(events: number): void;
}

interface Watched {
  readonly watcher: Watcher;
  /** Tells it from others that had the same descriptor. */
  readonly serial: number;
}

const BUSY_MS = 5;
/** How long to wait before the waiting is left to the thread, which takes longer to wake us. */
const PATIENCE_MS = 1;
const FOREVER = -1;
/** What a round may read of one socket; its lines run without a pause. */
export const READ_BYTES = 16 * 1024;

/** What a reactor tells while it works. */
export interface Told {
  /** Another socket has its turn. */
  turnBegins(): void;
  /** Every socket that was ready has had its turn. */
  roundEnds(): void;
}

export class Reactor {
  readonly libc: Libc;
  readonly #epoll: number;
  /** Wakes the thread that waits. */
  readonly #bell: number;
  /** By descriptor: the system gives the smallest that is free. */
  readonly #watchers: (Watched | undefined)[] = [];
  #serials = 0;
  readonly #events = new Uint8Array(EPOLL_EVENTS_MAX * EVENT_BYTES);
  readonly #view = new DataView(this.#events.buffer);
  readonly #change = new Uint8Array(EVENT_BYTES);
  readonly #changeView = new DataView(this.#change.buffer);
  readonly #asked = new Uint8Array(POLL_BYTES);
  readonly #askedView = new DataView(this.#asked.buffer);
  readonly #ended: Promise<void>;
  readonly #told: Told;
  /** What is said in a round goes out at its end. */
  readonly outbox = new Outbox();
  #closed = false;
  #buffer = new Uint8Array(READ_BYTES);

  /** A reactor, where the system has what it takes. */
  static open(told: Told): Reactor | undefined {
    const libc = openLibc();
    if (libc === undefined) return undefined;
    const epoll = libc.epoll_create1(CLOEXEC);
    const bell = libc.eventfd(0, NONBLOCK_CLOEXEC);
    if (epoll >= 0 && bell >= 0) return new Reactor(libc, epoll, bell, told);
    for (const fd of [epoll, bell]) if (fd >= 0) libc.close(fd);
    return undefined; // out of descriptors, or not allowed here
  }

  private constructor(libc: Libc, epoll: number, bell: number, told: Told) {
    this.libc = libc;
    this.#epoll = epoll;
    this.#bell = bell;
    this.#told = told;
    this.watch(bell, EPOLLIN, { ready: () => {} });
    this.#ended = this.#run();
  }

  /** For what is read in a round and done with before it is over; all share it. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#buffer;
  }

  /** Leaves the buffer to whoever has read into it last, and is not done with it. */
  giveBufferAway(): void {
    this.#buffer = new Uint8Array(READ_BYTES);
  }

  /** False when the system has no room for another. */
  watch(fd: number, events: number, watcher: Watcher): boolean {
    this.#serials = (this.#serials + 1) | 0;
    this.#watchers[fd] = { watcher, serial: this.#serials };
    if (this.#control(EPOLL_CTL_ADD, fd, events)) return true;
    this.#watchers[fd] = undefined;
    return false;
  }

  /** Changes what is watched for. */
  rewatch(fd: number, events: number): void {
    if (this.#watchers[fd] !== undefined) this.#control(EPOLL_CTL_MOD, fd, events);
  }

  /** Must come before the descriptor is closed: its number may be another's soon. */
  unwatch(fd: number): void {
    if (this.#watchers[fd] === undefined) return;
    this.#control(EPOLL_CTL_DEL, fd, 0);
    this.#watchers[fd] = undefined;
  }

  /**
   * Whether there is something to read, the peer has ended its sending side, or the socket is
   * broken, told or not: as epoll says it.
   */
  stateOf(fd: number): number {
    this.#askedView.setInt32(0, fd, true);
    this.#askedView.setInt32(POLL_ASKED_AT, EPOLLIN | EPOLLRDHUP, true);
    if (this.libc.poll(this.#asked, 1, 0) <= 0) return 0;
    return this.#askedView.getUint16(POLL_TOLD_AT, true);
  }

  /** The descriptor is about to be closed: the system unwatches it then. */
  forget(fd: number): void {
    this.#watchers[fd] = undefined;
  }

  /** Ends the loop; all watchers must be gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.libc.eventfd_write(this.#bell, 1n);
    await this.#ended;
    this.libc.close(this.#bell);
    this.libc.close(this.#epoll);
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      this.#dispatch(
        await this.libc.epoll_wait_idle(this.#epoll, this.#events, EPOLL_EVENTS_MAX, FOREVER),
      );
      const startMs = performance.now();
      do {
        await undefined; // what the sockets have set going goes on first
        const count = this.libc.epoll_wait(
          this.#epoll,
          this.#events,
          EPOLL_EVENTS_MAX,
          PATIENCE_MS,
        );
        if (count <= 0) break;
        this.#dispatch(count);
      } while (performance.now() - startMs < BUSY_MS && !this.#closed);
    }
  }

  /** Gives each its turn. */
  #dispatch(count: number): void {
    this.outbox.open();
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_BYTES;
      const fd = this.#view.getInt32(at + EVENT_DATA_AT, true);
      const watched = this.#watchers[fd];
      // One that was ready may have been closed since, and its number given to another.
      if (watched?.serial !== this.#view.getInt32(at + EVENT_DATA_AT + 4, true)) continue;
      this.#told.turnBegins();
      watched.watcher.ready(this.#view.getUint32(at, true));
    }
    this.outbox.close();
    this.#told.roundEnds();
  }

  #control(operation: number, fd: number, events: number): boolean {
    this.#changeView.setUint32(0, events, true);
    this.#changeView.setInt32(EVENT_DATA_AT, fd, true);
    this.#changeView.setInt32(EVENT_DATA_AT + 4, this.#watchers[fd]!.serial, true);
    return this.libc.epoll_ctl(this.#epoll, operation, fd, this.#change) === 0;
  }
}
