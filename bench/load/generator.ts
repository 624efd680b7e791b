/**
 * The closed loop: every connection sends a batch, waits for all its replies and sends the next.
 *
 * Nothing in it waits for a promise or allocates; small functions, because V8 compiles those well
 * and only compiled ones reach the kernel by a short way. A batch's latency is the time from its
 * sending until the kernel has told of its last reply, as the generators of others count it.
 */
import {
  EPOLL_CTL_ADD,
  EPOLLIN,
  EVENT_BYTES,
  EVENT_DATA_AT,
  MSG_NOSIGNAL,
} from "../../lib/transport/epoll/libc.ts";
import { type Calls, MSG_DONTWAIT } from "./calls.ts";
import { dial, type Place } from "./dial.ts";
import { type Replies, repliesTo } from "./replies.ts";
import { batchesOf, DIALECTS, type Plan, requestBytes } from "./traffic.ts";

const EVENTS_MAX = 256;
const STALLED_MS = 5000;
/** Room for the latencies of this many batches a second; what is beyond is not looked at. */
const BATCHES_A_SECOND_MAX = 1_000_000;

export class Generator {
  readonly #calls: Calls;
  readonly #plan: Plan;
  readonly #batches: readonly Uint8Array<ArrayBuffer>[];
  readonly #replies: Replies;
  readonly #fds: Int32Array;
  readonly #missing: Int32Array;
  readonly #sentAtMs: Float64Array;
  /** Which batch each connection says next: the second of a course is odd. */
  readonly #next: Int32Array;
  #drawn = 1;
  readonly #epoll: number;
  readonly #events = new Uint8Array(EVENTS_MAX * EVENT_BYTES);
  readonly #words = new Int32Array(this.#events.buffer);
  readonly #buffer = new Uint8Array(1024 * 1024);
  #nowMs = 0;
  #latencies = new Float32Array(0);
  #batchCount = 0;

  constructor(calls: Calls, plan: Plan) {
    this.#calls = calls;
    this.#plan = plan;
    this.#batches = batchesOf(plan);
    this.#replies = repliesTo(plan);
    this.#fds = new Int32Array(plan.connections);
    this.#missing = new Int32Array(plan.connections);
    this.#sentAtMs = new Float64Array(plan.connections);
    this.#next = new Int32Array(plan.connections);
    this.#epoll = calls.epoll_create1(0);
  }

  /** Connects all, and has each send its first batch. */
  start(place: Place): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    for (let i = 0; i < this.#fds.length; i++) {
      const fd = this.#fds[i] = dial(this.#calls, place, this.#plan.isWebSocket);
      this.#greet(fd);
      view.setInt32(EVENT_DATA_AT, i, true);
      this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event);
      this.#next[i] = this.#plan.names === 0 ? 2 * i : this.#draw();
    }
    for (let i = 0; i < this.#fds.length; i++) this.#send(i);
  }

  /** Goes on for so long; what is told afterwards is of this time alone. */
  run(seconds: number): void {
    this.#latencies = new Float32Array(Math.ceil(seconds * BATCHES_A_SECOND_MAX));
    this.#batchCount = 0;
    this.#replies.begun = 0;
    this.#replies.granted = 0;
    const endMs = this.#calls.nowMs() + seconds * 1000;
    let heardAtMs = this.#calls.nowMs();
    while (true) {
      const count = this.#calls.epoll_wait(this.#epoll, this.#events, EVENTS_MAX, 1000);
      this.#nowMs = this.#calls.nowMs();
      if (this.#nowMs > endMs) return;
      if (count > 0) heardAtMs = this.#nowMs;
      else if (this.#nowMs - heardAtMs > STALLED_MS) throw new Error("No reply in 5 seconds");
      this.#round(count);
    }
  }

  /** Requests that were answered since `run` began. */
  get requests(): number {
    return this.#batchCount * this.#plan.depth;
  }

  /** How many of a hundred replies granted what was asked for. */
  get grantedPercent(): number {
    return 100 * this.#replies.granted / Math.max(1, this.#replies.begun);
  }

  /** Milliseconds, in order. */
  latencies(): Float32Array {
    return this.#latencies.subarray(0, this.#batchCount).sort();
  }

  /** Says what comes before the first batch, and waits for the answer, which is not counted. */
  #greet(fd: number): void {
    const { greeting } = DIALECTS[this.#plan.protocol];
    if (greeting === undefined) return;
    const bytes = requestBytes(greeting, this.#plan.isWebSocket);
    this.#calls.send(fd, bytes, bytes.length, MSG_NOSIGNAL);
    if (this.#calls.recv(fd, this.#buffer, this.#buffer.length, 0) <= 0) {
      throw new Error("The server has ended a connection");
    }
  }

  #round(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#receive(this.#words[(i * EVENT_BYTES + EVENT_DATA_AT) >> 2]!);
    }
  }

  #receive(i: number): void {
    const length = this.#calls.recv(this.#fds[i]!, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
    if (length <= 0) throw new Error("The server has ended a connection");
    this.#missing[i]! -= this.#replies.count(this.#buffer, length, i);
    if (this.#missing[i]! > 0) return;
    this.#latencies[this.#batchCount++] = this.#nowMs - this.#sentAtMs[i]!;
    this.#send(i);
  }

  #send(i: number): void {
    const at = this.#next[i]!;
    const batch = this.#batches[at]!;
    if ((at & 1) === 0) this.#next[i] = at + 1;
    else this.#next[i] = this.#plan.names === 0 ? at - 1 : this.#draw();
    this.#missing[i] = this.#plan.depth;
    this.#sentAtMs[i] = this.#calls.nowMs();
    const sent = this.#calls.send(this.#fds[i]!, batch, batch.length, MSG_NOSIGNAL);
    if (sent !== batch.length) throw new Error("The server has ended a connection");
  }

  /** The first batch of any course. */
  #draw(): number {
    this.#drawn = (Math.imul(this.#drawn, 1664525) + 1013904223) | 0;
    return 2 * ((this.#drawn >>> 8) % (this.#batches.length >> 1));
  }
}
