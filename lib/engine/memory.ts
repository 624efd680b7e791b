/**
 * The engine of one process: the state is live maps, and a change is a function call. Rules are
 * synchronous and validate before they write, so every change is atomic by construction.
 *
 * Forgetting what somebody with very many locks has left behind takes several turns. They are free
 * at once; who asks how many locks there are waits until it is done.
 */
import { Journal } from "../state/journal.ts";
import { type Departure, lapse, type Leave, leave } from "../state/leaving.ts";
import type { Tokens } from "../state/lock_table.ts";
import { drain } from "../state/serving.ts";
import { newLocks, type Owner } from "../state/locks.ts";
import { leaveMaster } from "../state/pools/master.ts";
import type { Pools } from "../state/pools/model.ts";
import { expire } from "../state/pools/sessions.ts";
import { sweep } from "../state/sweeping.ts";
import type { Engine, Given, Listener, Outcome, Slice, State } from "./engine.ts";

/** Of what a departure leaves behind, how much is forgotten at once: a fraction of a millisecond. */
const SWEEP_MAX = 1000;

/** How many sessions may end, or nearly, until the clock is worth a look. */
const TOIL_MAX = 16;

/** Work that may take long gives way to others. */
export interface Turns {
  isLong(): boolean;
  end(): Promise<void>;
}

/** The time, the word that a rule may have taken some, and being woken. */
interface Clock extends Given {
  lapse(): void;
  alarm(ring: () => void): { set(atMs: number): void };
}

/** Of what is due at one moment, how much is ended at once: some milliseconds' work. */
const LAPSE_MAX = 128;

export class MemoryEngine implements Engine {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #turns: Turns;
  /** While there is something to forget. */
  #sweeping: Promise<void> | undefined;
  readonly #alarm: ReturnType<Clock["alarm"]>;
  #alarmMs = Infinity;
  #listener: Listener | undefined;
  #isTelling = false;
  #isClosed = false;

  constructor(pools: Pools, clock: Clock, turns: Turns, tokens?: Tokens) {
    this.#state = { locks: newLocks(pools.salt, tokens), pools };
    this.#clock = clock;
    this.#turns = turns;
    this.#alarm = clock.alarm(() => this.#lapse());
  }

  read<R>(slice: Slice, look: (state: State, given: Given) => R): Outcome<R> {
    return this.change(slice, look);
  }

  change<R>(slice: Slice, rule: (state: State, given: Given) => R): Outcome<R> {
    if (slice === "lock counts" && this.#sweeping !== undefined) {
      return this.#sweeping.then(() => this.change(slice, rule));
    }
    // The old words ask for the time only when they grant: it costs as much as the rest of a rule.
    if (typeof slice === "object") {
      const given = "names" in slice ? { nowMs: this.#clock.nowMs } : this.#clock;
      const outcome = rule(this.#state, given);
      this.#follow();
      return outcome;
    }
    let { nowMs } = this.#clock;
    if (slice === "pools" || slice === "session") {
      expire(this.#state.pools, nowMs);
      if (this.#hasTakenTime()) nowMs = this.#clock.nowMs;
    }
    const outcome = rule(this.#state, { nowMs });
    // What is about all of them, may have been about very many.
    if (slice !== "session" || this.#hasTakenTime()) this.#clock.lapse();
    this.#follow();
    return outcome;
  }

  drain(): void {
    drain(this.#state.locks, this.#clock);
    this.#follow();
  }

  close(): void {
    this.#isClosed = true;
    this.#alarm.set(Infinity);
  }

  watch(listener: Listener | undefined): void {
    this.#listener = listener;
    this.#state.locks.journal = listener && new Journal((name) => listener.wants(name));
  }

  /** What a change of the locks has brought about: who waited is told, who watches as well. */
  #follow(): void {
    const { locks } = this.#state;
    const dueMs = locks.agenda.first?.atMs ?? Infinity;
    if (dueMs !== this.#alarmMs && !this.#isClosed) {
      this.#alarmMs = dueMs;
      this.#alarm.set(dueMs);
    }
    if (locks.news.length === 0 && locks.journal?.isEmpty !== false) return;
    if (this.#isTelling) return; // what is told may change something: that is told next
    this.#isTelling = true;
    try {
      while (locks.news.length > 0 || locks.journal?.isEmpty === false) {
        const { news } = locks;
        locks.news = [];
        for (const { ear, outcome } of news) ear.hear(outcome);
        for (const event of locks.journal?.empty() ?? []) this.#listener?.hear(event);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  /** What is due ends; if it is very much, the rest at the next ring, which is soon. */
  #lapse(): void {
    const { nowMs } = this.#clock;
    lapse(this.#state.locks, { nowMs }, LAPSE_MAX);
    this.#clock.lapse();
    this.#alarmMs = Infinity;
    this.#follow();
  }

  /** Whether so many sessions have ended that the clock must be looked at. */
  #hasTakenTime(): boolean {
    const { pools } = this.#state;
    if (pools.toil <= TOIL_MAX) return false;
    pools.toil = 0;
    this.#clock.lapse();
    return true;
  }

  leave(owner: Owner, how: Leave): Departure {
    leaveMaster(this.#state.pools, owner);
    const departure = leave(this.#state.locks, owner, how);
    if (!sweep(this.#state.locks, SWEEP_MAX)) this.#sweeping ??= this.#sweep();
    this.#follow();
    return departure;
  }

  tick(limit: number): boolean {
    return expire(this.#state.pools, this.#clock.nowMs, limit);
  }

  async #sweep(): Promise<void> {
    await this.#turns.end();
    while (!sweep(this.#state.locks, SWEEP_MAX)) {
      this.#clock.lapse();
      this.#follow();
      if (this.#turns.isLong()) await this.#turns.end();
    }
    this.#follow();
    this.#sweeping = undefined;
  }
}
