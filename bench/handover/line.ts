/**
 * One who holds a lock and a crowd that waits for it in the server's queue: connections of this
 * process, and for a death by signal a holder that is a process of its own. Linux only.
 */
import { Talk } from "../extremes/talk.ts";
import type { Calls } from "../load/calls.ts";
import { Ears } from "../load/ears.ts";
import type { Death, Way } from "./figures.ts";
import { Victim } from "./victim.ts";

export const LOCK = "handover";
const TAKE = `hello\nacquire ${LOCK}\n`;
const JOIN = `hello\nacquire ${LOCK} wait=forever\n`;
const JOIN_AGAIN = `release ${LOCK}\nacquire ${LOCK} wait=forever\n`;
/** How the next one is told that the one before it died. */
const ENDINGS: Readonly<Record<Death, string>> = { close: "closed", reset: "lost", kill: "closed" };
const STALLED_MS = 10_000;
/** How long all is quiet before a death, so that the server sleeps as it would in life. */
export const REST_MS = 5;
const LOOK_MS = 1;

export class Line implements Disposable {
  readonly #calls: Calls;
  readonly #port: number;
  readonly #ears: Ears;
  /** By their numbers. */
  readonly #talks: Talk[] = [];
  /** Asks how long the queue is. */
  readonly #asker: Talk;
  #holder = 0;

  /** A holder, and so many who wait behind it. */
  constructor(calls: Calls, port: number, waiters: number) {
    this.#calls = calls;
    this.#port = port;
    this.#ears = new Ears(calls);
    this.#asker = new Talk(calls, port);
    this.#asker.say("hello\n");
    this.#asker.readTo("\n");
    this.#add(this.#holder, TAKE).dropLines(2);
    for (let i = 1; i <= waiters; i++) this.#join(i);
  }

  /** Milliseconds from the call that ends the holder to the next one's grant, read; or of a ping. */
  async die(way: Way): Promise<number> {
    if (way === "ping") return this.#ping();
    return way === "kill" ? await this.#dieBySignal() : this.#dieByItself(way);
  }

  #ping(): number {
    rest(REST_MS);
    const startMs = this.#calls.nowMs();
    this.#asker.say("ping\n");
    this.#asker.readTo("\n");
    return this.#calls.nowMs() - startMs;
  }

  #dieByItself(way: "close" | "reset"): number {
    const before = this.#holder;
    const talk = this.#talks[before]!;
    if (way === "reset") talk.makeAbrupt();
    rest(REST_MS);
    const startMs = this.#calls.nowMs();
    talk.close();
    const ms = this.#hearGrant(way) - startMs;
    this.#join(before); // and the queue is as long as it was
    return ms;
  }

  async #dieBySignal(): Promise<number> {
    await using victim = new Victim(this.#port, LOCK);
    await this.#awaitQueue(this.#talks.length);
    const holder = this.#talks[this.#holder]!;
    holder.say(JOIN_AGAIN); // the victim stands ahead of all who wait
    holder.readTo("\n");
    await victim.holds();
    rest(REST_MS);
    const startMs = this.#calls.nowMs();
    victim.kill();
    return this.#hearGrant("kill") - startMs;
  }

  /** When the next was granted, who is the holder then. */
  #hearGrant(way: Death): number {
    const next = this.#ears.next(STALLED_MS);
    if (next < 0) throw new Error("Nobody was granted in 10 seconds");
    const reply = this.#talks[next]!.read();
    const atMs = this.#calls.nowMs();
    if (!reply.startsWith("1 acquired ") || !reply.includes(` previous=${ENDINGS[way]}`)) {
      throw new Error(`After ${way} the next was told: ${reply.trimEnd()}`);
    }
    this.#holder = next;
    return atMs;
  }

  /** Its greeting is answered when it waits, as the server reads both lines at once. */
  #join(number: number): void {
    this.#add(number, JOIN).readTo("\n");
  }

  #add(number: number, saying: string): Talk {
    const talk = new Talk(this.#calls, this.#port);
    this.#talks[number] = talk;
    this.#ears.add(talk.fd, number);
    talk.say(saying);
    return talk;
  }

  async #awaitQueue(length: number): Promise<void> {
    for (;;) {
      this.#asker.say(`acquire ${LOCK}\n`);
      if (this.#asker.readTo("\n").includes(` queue=${length}\n`)) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  [Symbol.dispose](): void {
    for (const talk of this.#talks.toReversed()) talk.close();
    this.#asker.close();
    this.#ears[Symbol.dispose]();
  }
}

/** In the kernel: the event loop would be one more thing to wait for. */
export function rest(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
