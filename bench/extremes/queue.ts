/**
 * Those who wait for one lock in their thousands, each a connection: they come, half of them are
 * gone at once, and each of the rest is granted and gives it back. Linux only.
 */
import type { Calls } from "../load/calls.ts";
import type { Place } from "../load/dial.ts";
import { Ears } from "../load/ears.ts";
import type { DrainAnswer, JoinAnswer, ThinAnswer } from "./orders.ts";
import { Talk } from "./talk.ts";

const LOCK = "queue";
const STALLED_MS = 60_000;
const PAUSE_MS = 1;

export class Queue {
  readonly #calls: Calls;
  readonly #place: Place;
  /** Holds the lock at first, and asks how long the queue is. */
  readonly #first: Talk;
  readonly #waiters: Talk[] = [];
  /** How many of these, from the first on, have asked. */
  #joined = 0;

  constructor(calls: Calls, place: Place) {
    this.#calls = calls;
    this.#place = place;
    this.#first = new Talk(calls, place);
    this.#first.say(`hello\nacquire ${LOCK}\n`);
    this.#first.dropLines(2);
  }

  /** So many more connections, which have said hello. */
  greet(count: number): void {
    for (let i = 0; i < count; i++) {
      const talk = new Talk(this.#calls, this.#place);
      this.#waiters.push(talk);
      talk.say("hello\n");
      talk.readTo("\n");
    }
  }

  /** All who have not asked for the lock do. */
  join(): JoinAnswer {
    const startMs = this.#calls.nowMs();
    for (const talk of this.#waiters.slice(this.#joined)) {
      talk.say(`acquire ${LOCK} wait=forever\n`);
    }
    this.#joined = this.#waiters.length;
    this.#awaitLength(this.#joined);
    return { joinedMs: this.#calls.nowMs() - startMs };
  }

  /** Every other one is reset; a Unix socket is closed. */
  thin(): ThinAnswer {
    const leaving = this.#waiters.filter((_, i) => i % 2 === 1);
    const staying = this.#waiters.filter((_, i) => i % 2 === 0);
    this.#waiters.splice(0, this.#waiters.length, ...staying);
    for (const talk of leaving) talk.makeAbrupt();
    const startMs = this.#calls.nowMs();
    for (const talk of leaving) talk.close();
    const closedMs = this.#calls.nowMs() - startMs;
    this.#awaitLength(staying.length);
    return { closedMs, goneMs: this.#calls.nowMs() - startMs };
  }

  /** Each is granted, reads it and gives the lock back: one after the other. */
  drain(): DrainAnswer {
    using ears = new Ears(this.#calls);
    for (const [i, talk] of this.#waiters.entries()) ears.add(talk.fd, i);
    const startMs = this.#calls.nowMs();
    this.#first.say(`release ${LOCK}\n`);
    for (let left = this.#waiters.length; left > 0;) {
      const number = ears.next(STALLED_MS);
      if (number < 0) throw new Error("Nobody was granted in a minute");
      const talk = this.#waiters[number]!;
      if (!talk.read().startsWith("1 acquired ")) continue; // given back
      talk.say(`release ${LOCK}\n`);
      left--;
    }
    return { drainedMs: this.#calls.nowMs() - startMs };
  }

  /** Asks again and again, as who looks does not disturb those who wait. */
  #awaitLength(length: number): void {
    const other = new Talk(this.#calls, this.#place);
    other.say("hello\n");
    other.readTo("\n");
    for (;;) {
      other.say(`acquire ${LOCK}\n`);
      if (other.readTo("\n").includes(` queue=${length}\n`)) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
    other.close();
  }
}
