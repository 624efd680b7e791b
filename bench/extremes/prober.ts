// deno-lint-ignore-file no-console -- its answers go to the standard output
/**
 * The other clients, in a process of their own: each takes a lock and gives it back in a closed
 * loop, one of those that wait for nothing every half millisecond. Linux only.
 *
 * One loop waits for replies, for its timer and for orders; nothing in it allocates. See probe.ts
 * for what is made of the latencies, orders.ts for what it is told.
 */
import {
  EPOLL_CTL_ADD,
  EPOLLIN,
  EVENT_BYTES,
  EVENT_DATA_AT,
  MSG_NOSIGNAL,
} from "../../lib/transport/epoll/libc.ts";
import { type Calls, MSG_DONTWAIT, openCalls } from "../load/calls.ts";
import { dial } from "../load/dial.ts";
import { Pace } from "../load/pace.ts";
import type { ProberOrder } from "./orders.ts";
import { PACE_MS, probeOf, PROBERS } from "./probe.ts";

const STDIN = 0;
const LF = 0x0a;
const STALLED_MS = 60_000;
/** Enough for eight minutes. */
const SAMPLES_MAX = 1_000_000;
/** The numbers of events that are no connection's. */
const TIMER = PROBERS;
const ORDERS = PROBERS + 1;

const { read } = Deno.dlopen("libc.so.6", {
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
}).symbols;

class Prober {
  readonly #calls: Calls;
  readonly #epoll: number;
  readonly #pace = new Pace(PACE_MS);
  readonly #fds: readonly number[];
  readonly #lines: readonly (readonly Uint8Array<ArrayBuffer>[])[];
  /** How many requests each has made: odd ones give back. */
  readonly #turns = new Int32Array(PROBERS);
  /** When each asked what it waits for; 0 when it waits for nothing. */
  readonly #askedAtMs = new Float64Array(PROBERS);
  readonly #latencies = new Float64Array(SAMPLES_MAX);
  #count = 0;
  #next = 0;
  #isEnding = false;
  readonly #buffer = new Uint8Array(4096);
  readonly #events = new Uint8Array(16 * EVENT_BYTES);
  readonly #words = new Int32Array(this.#events.buffer);

  constructor(calls: Calls, port: number) {
    this.#calls = calls;
    this.#epoll = calls.epoll_create1(0);
    const bytesOf = (text: string) => new TextEncoder().encode(text);
    const numbers = Array.from({ length: PROBERS }, (_, i) => i);
    this.#lines = numbers.map((i) => [bytesOf(`g probe:${i}\n`), bytesOf(`r probe:${i}\n`)]);
    this.#fds = numbers.map(() => dial(calls, port, false));
    for (const i of numbers) this.#watch(this.#fds[i]!, i);
    this.#watch(this.#pace.fd, TIMER);
    this.#watch(STDIN, ORDERS);
  }

  /** For ever; the end of the orders ends it all. */
  run(): void {
    while (true) {
      const count = this.#calls.epoll_wait(this.#epoll, this.#events, 16, -1);
      for (let i = 0; i < count; i++) {
        const at = this.#words[(i * EVENT_BYTES + EVENT_DATA_AT) >> 2]!;
        if (at < PROBERS) this.#receive(at);
        else if (at === TIMER) this.#ask();
        else this.#obey();
      }
    }
  }

  #watch(fd: number, number: number): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setInt32(EVENT_DATA_AT, number, true);
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event);
  }

  /** The next of those that wait for nothing. */
  #ask(): void {
    this.#pace.beats();
    if (this.#isEnding) return;
    for (let tries = 0; tries < PROBERS; tries++) {
      const i = this.#next;
      this.#next = (i + 1) % PROBERS;
      if (this.#askedAtMs[i] === 0) return this.#send(i);
    }
    const oldestMs = Math.min(...this.#askedAtMs);
    if (this.#calls.nowMs() - oldestMs > STALLED_MS) throw new Error("No reply in a minute");
  }

  #send(i: number): void {
    const line = this.#lines[i]![this.#turns[i]!++ & 1]!;
    this.#askedAtMs[i] = this.#calls.nowMs();
    const sent = this.#calls.send(this.#fds[i]!, line, line.length, MSG_NOSIGNAL);
    if (sent !== line.length) throw new Error("The server has ended a connection");
  }

  #receive(i: number): void {
    const length = this.#calls.recv(this.#fds[i]!, this.#buffer, 4096, MSG_DONTWAIT);
    if (length <= 0) throw new Error("The server has ended a connection");
    if (this.#buffer[length - 1] !== LF) return;
    const latencyMs = this.#calls.nowMs() - this.#askedAtMs[i]!;
    if (this.#count < SAMPLES_MAX) this.#latencies[this.#count++] = latencyMs;
    this.#askedAtMs[i] = 0;
    if (this.#isEnding) this.#report();
  }

  #obey(): void {
    const length = read(STDIN, this.#buffer, 4096);
    if (length <= 0) Deno.exit(0);
    const text = new TextDecoder().decode(this.#buffer.subarray(0, length));
    const { kind }: ProberOrder = JSON.parse(text);
    if (kind === "end") {
      this.#isEnding = true;
      return this.#report();
    }
    this.#count = 0;
    console.log("{}");
  }

  /** Once nobody waits any more. */
  #report(): void {
    if (this.#askedAtMs.some((askedAtMs) => askedAtMs !== 0)) return;
    this.#isEnding = false;
    console.log(JSON.stringify(probeOf(this.#latencies.subarray(0, this.#count))));
  }
}

try {
  new Prober(openCalls(), Number(Deno.args[0])).run();
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  Deno.exit(1);
}
