/**
 * The old way: one who holds a lock and a crowd that asks for it again and again, in the old words.
 * Linux only.
 *
 * They ask in turn, evenly spread, which is the best that polling can do. Who still waits for a
 * reply is passed over.
 */
import { Talk } from "../extremes/talk.ts";
import type { Calls } from "../load/calls.ts";
import { Ears } from "../load/ears.ts";
import { Pace } from "../load/pace.ts";
import { LOCK, REST_MS } from "./line.ts";

/** How often each asks. */
export const INTERVAL_MS = 100;
const ASK = `g ${LOCK}\n`;
const STALLED_MS = 10_000;

export class Polling implements Disposable {
  readonly #calls: Calls;
  readonly #port: number;
  readonly #ears: Ears;
  readonly #pace: Pace;
  /** By their numbers, and whether each waits for a reply. */
  readonly #talks: Talk[] = [];
  readonly #asks: boolean[] = [];
  readonly #waiters: number;
  #holder: Talk;
  #turn = 0;

  constructor(calls: Calls, port: number, waiters: number) {
    this.#calls = calls;
    this.#port = port;
    this.#waiters = waiters;
    this.#ears = new Ears(calls);
    this.#pace = new Pace(INTERVAL_MS / waiters);
    this.#ears.add(this.#pace.fd, waiters);
    for (let i = 0; i < waiters; i++) this.#join(i);
    this.#holder = new Talk(calls, port);
    this.#holder.say(ASK);
    const reply = this.#holder.readTo("\n");
    if (!reply.startsWith("1")) throw new Error(`Somebody else is there: ${reply.trimEnd()}`);
  }

  /** Milliseconds from the closing of the holder to the next one's success, read. */
  die(): number {
    // At any moment between two times that one asks.
    this.goOn(REST_MS + Math.random() * INTERVAL_MS / this.#waiters);
    const startMs = this.#calls.nowMs();
    this.#holder.close();
    const winner = this.#goOnUntil(startMs + STALLED_MS);
    if (winner === undefined) throw new Error("Nobody had the lock in 10 seconds");
    const ms = this.#calls.nowMs() - startMs;
    this.#holder = this.#talks[winner]!;
    this.#ears.remove(this.#holder.fd);
    this.#join(winner);
    return ms;
  }

  /** For so long nobody dies. */
  goOn(ms: number): void {
    this.#pace.beats(); // what was due before is not caught up with
    if (this.#goOnUntil(this.#calls.nowMs() + ms) !== undefined) {
      throw new Error("The lock was had twice");
    }
  }

  /** Who has the lock, or undefined when the time is over. */
  #goOnUntil(endMs: number): number | undefined {
    for (let restMs; (restMs = endMs - this.#calls.nowMs()) > 0;) {
      const number = this.#ears.next(restMs);
      if (number === this.#waiters) {
        for (let due = this.#pace.beats(); due > 0; due--) this.#ask();
      } else if (number >= 0) {
        this.#asks[number] = false;
        if (this.#talks[number]!.read().startsWith("1")) return number;
      }
    }
    return undefined;
  }

  #ask(): void {
    const number = this.#turn;
    this.#turn = (number + 1) % this.#waiters;
    if (this.#asks[number]) return;
    this.#asks[number] = true;
    this.#talks[number]!.say(ASK);
  }

  #join(number: number): void {
    const talk = new Talk(this.#calls, this.#port);
    this.#talks[number] = talk;
    this.#asks[number] = false;
    this.#ears.add(talk.fd, number);
  }

  [Symbol.dispose](): void {
    for (const talk of [this.#holder, ...this.#talks]) talk.close();
    this.#pace[Symbol.dispose]();
    this.#ears[Symbol.dispose]();
  }
}
