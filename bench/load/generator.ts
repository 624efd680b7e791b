/**
 * A closed loop of load: every connection sends a batch, reads all its replies and sends the next.
 *
 * Nothing in the loop awaits a promise or allocates. Its functions are small because V8 compiles
 * those well, and only compiled code takes the short way to the kernel. The latency of a batch runs
 * from its send to the moment the kernel reports its last reply, as other generators count it.
 */
import { MSG_NOSIGNAL } from "../../lib/transport/epoll/libc.ts";
import { type Calls, connect, type Endpoint, libc, MSG_DONTWAIT, nowMs } from "../clients/libc.ts";
import { Poller } from "../clients/poller.ts";
import { ReplyCounter } from "./replies.ts";
import { batchesOf, DIALECTS, encode, type Plan, randomBelow } from "./requests.ts";

const EVENTS_MAX = 256;
const STALLED_MS = 5000;
/** Latencies of more batches a second are not recorded. */
const BATCHES_PER_SECOND_MAX = 1_000_000;
const HANDSHAKE = "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n" +
  "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

export class Generator {
  readonly #calls: Calls = libc();
  readonly #plan: Plan;
  readonly #batches: readonly Uint8Array<ArrayBuffer>[];
  readonly #replies: ReplyCounter;
  readonly #poller = new Poller(EVENTS_MAX);
  readonly #fds: Int32Array;
  /** How many replies each connection still awaits. */
  readonly #awaited: Int32Array;
  readonly #sentAtMs: Float64Array;
  /** Which batch each connection sends next: the second of a pair is odd. */
  readonly #next: Int32Array;
  readonly #buffer = new Uint8Array(1024 * 1024);
  readonly #randomPair: () => number;
  #nowMs = 0;
  #latencies = new Float32Array(0);
  #batchCount = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#batches = batchesOf(plan);
    this.#randomPair = randomBelow(this.#batches.length >> 1);
    this.#replies = new ReplyCounter(plan);
    this.#fds = new Int32Array(plan.connections);
    this.#awaited = new Int32Array(plan.connections);
    this.#sentAtMs = new Float64Array(plan.connections);
    this.#next = new Int32Array(plan.connections);
  }

  /** Opens all connections, then sends the first batch of each. */
  start(endpoint: Endpoint): void {
    const { isWebSocket, protocol, names } = this.#plan;
    const { greeting } = DIALECTS[protocol];
    for (let i = 0; i < this.#fds.length; i++) {
      const fd = this.#fds[i] = connect(endpoint);
      if (isWebSocket) this.#exchange(fd, new TextEncoder().encode(HANDSHAKE));
      if (greeting !== undefined) this.#exchange(fd, encode([greeting], isWebSocket));
      this.#poller.add(fd, i);
      this.#next[i] = 2 * (names === 0 ? i : this.#randomPair());
    }
    for (let i = 0; i < this.#fds.length; i++) this.#send(i);
  }

  /** Sends one message and discards its reply, which comes in one piece. */
  #exchange(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#calls.send(fd, bytes, bytes.length, MSG_NOSIGNAL);
    const length = this.#calls.recv(fd, this.#buffer, this.#buffer.length, 0);
    if (length <= 0) throw new Error("Cannot open a connection: the server closed it");
  }

  /** Runs for `seconds`; the results below are of the last run alone. */
  run(seconds: number): void {
    this.#latencies = new Float32Array(Math.ceil(seconds * BATCHES_PER_SECOND_MAX));
    this.#batchCount = 0;
    this.#replies.judged = 0;
    this.#replies.granted = 0;
    const endMs = nowMs() + seconds * 1000;
    let lastReplyMs = nowMs();
    while (true) {
      const count = this.#poller.wait(1000);
      this.#nowMs = nowMs();
      if (this.#nowMs > endMs) return;
      if (count > 0) lastReplyMs = this.#nowMs;
      else if (this.#nowMs - lastReplyMs > STALLED_MS) throw new Error("No reply in 5 seconds");
      this.#receiveAll(count);
    }
  }

  /** Returns how many requests were answered. */
  get requests(): number {
    return this.#batchCount * this.#plan.depth;
  }

  /** Returns the percentage of replies that granted the request. */
  get grantedPercent(): number {
    return 100 * this.#replies.granted / Math.max(1, this.#replies.judged);
  }

  /** Returns the latencies of batches in milliseconds, sorted. */
  latencies(): Float32Array {
    return this.#latencies.subarray(0, this.#batchCount).sort();
  }

  #receiveAll(count: number): void {
    for (let i = 0; i < count; i++) this.#receive(this.#poller.numberAt(i));
  }

  #receive(i: number): void {
    const length = this.#calls.recv(this.#fds[i]!, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
    if (length <= 0) throw new Error("The server closed a connection");
    this.#awaited[i]! -= this.#replies.count(this.#buffer, length, i);
    if (this.#awaited[i]! > 0) return;
    this.#latencies[this.#batchCount++] = this.#nowMs - this.#sentAtMs[i]!;
    this.#send(i);
  }

  #send(i: number): void {
    const at = this.#next[i]!;
    const batch = this.#batches[at]!;
    if ((at & 1) === 0) this.#next[i] = at + 1;
    else this.#next[i] = this.#plan.names === 0 ? at - 1 : 2 * this.#randomPair();
    this.#awaited[i] = this.#plan.depth;
    this.#sentAtMs[i] = nowMs();
    const sent = this.#calls.send(this.#fds[i]!, batch, batch.length, MSG_NOSIGNAL);
    if (sent !== batch.length) throw new Error("The server closed a connection");
  }
}
