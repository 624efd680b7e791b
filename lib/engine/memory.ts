/**
 * The engine of one process: the state is live maps, and a change is a function call. Rules are
 * synchronous and validate before they write, so every change is atomic by construction.
 *
 * Forgetting what somebody with very many locks has left behind takes several turns. They are free
 * at once; who asks how many locks there are waits until it is done.
 */
import {
  CLEAN_UP_BATCH_MAX,
  ENDED_SESSIONS_PER_CLOCK_READING,
  EXPIRY_BATCH_MAX,
} from "../limits.ts";
import type { TimeSource } from "../clock.ts";
import { LockEventLog } from "../state/locks/event_log.ts";
import { type Departure, expireDue, type Leave, leave } from "../state/locks/departure.ts";
import type { TokenSource } from "../state/locks/store.ts";
import { drain } from "../state/locks/wait_queue.ts";
import { newLocks, type Owner } from "../state/locks/rules.ts";
import { leaveMaster } from "../state/pools/master.ts";
import type { Pools } from "../state/pools/model.ts";
import { expire } from "../state/pools/sessions.ts";
import { cleanUp } from "../state/locks/cleanup.ts";
import type { Engine, LockObserver, Outcome, Slice, State } from "./engine.ts";

/** Work that may take long gives way to others. */
export interface TimeSlices {
  isExpired(): boolean;
  yield(): Promise<void>;
}

/** The time, the word that a rule may have taken some, and being woken. */
interface EngineClock extends TimeSource {
  invalidate(): void;
  timer(ring: () => void): { set(atMs: number): void };
}

export class MemoryEngine implements Engine {
  readonly #state: State;
  readonly #clock: EngineClock;
  readonly #turns: TimeSlices;
  /** While there is something to forget. */
  #sweeping: Promise<void> | undefined;
  readonly #alarm: ReturnType<EngineClock["timer"]>;
  #alarmMs = Infinity;
  #listener: LockObserver | undefined;
  #isTelling = false;
  #isClosed = false;

  constructor(pools: Pools, clock: EngineClock, turns: TimeSlices, tokens?: TokenSource) {
    this.#state = { locks: newLocks(pools.salt, tokens), pools };
    this.#clock = clock;
    this.#turns = turns;
    this.#alarm = clock.timer(() => this.#lapse());
  }

  read<R>(slice: Slice, look: (state: State, given: TimeSource) => R): Outcome<R> {
    return this.change(slice, look);
  }

  change<R>(slice: Slice, rule: (state: State, given: TimeSource) => R): Outcome<R> {
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
    if (slice !== "session" || this.#hasTakenTime()) this.#clock.invalidate();
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

  watch(listener: LockObserver | undefined): void {
    this.#listener = listener;
    this.#state.locks.eventLog = listener && new LockEventLog((name) => listener.isWatched(name));
  }

  /** What a change of the locks has brought about: who waited is told, who watches as well. */
  #follow(): void {
    const { locks } = this.#state;
    const dueMs = locks.timers.first?.atMs ?? Infinity;
    if (dueMs !== this.#alarmMs && !this.#isClosed) {
      this.#alarmMs = dueMs;
      this.#alarm.set(dueMs);
    }
    if (locks.outcomes.length === 0 && locks.eventLog?.isEmpty !== false) return;
    if (this.#isTelling) return; // what is told may change something: that is told next
    this.#isTelling = true;
    try {
      while (locks.outcomes.length > 0 || locks.eventLog?.isEmpty === false) {
        const { outcomes } = locks;
        locks.outcomes = [];
        for (const { listener, outcome } of outcomes) listener.onOutcome(outcome);
        for (const event of locks.eventLog?.empty() ?? []) this.#listener?.onEvent(event);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  /** What is due ends; if it is very much, the rest at the next ring, which is soon. */
  #lapse(): void {
    const { nowMs } = this.#clock;
    expireDue(this.#state.locks, { nowMs }, EXPIRY_BATCH_MAX);
    this.#clock.invalidate();
    this.#alarmMs = Infinity;
    this.#follow();
  }

  /** Whether so many sessions have ended that the clock must be looked at. */
  #hasTakenTime(): boolean {
    const { pools } = this.#state;
    if (pools.toil <= ENDED_SESSIONS_PER_CLOCK_READING) return false;
    pools.toil = 0;
    this.#clock.invalidate();
    return true;
  }

  leave(owner: Owner, how: Leave): Departure {
    leaveMaster(this.#state.pools, owner);
    const departure = leave(this.#state.locks, owner, how);
    if (!cleanUp(this.#state.locks, CLEAN_UP_BATCH_MAX)) this.#sweeping ??= this.#sweep();
    this.#follow();
    return departure;
  }

  tick(limit: number): boolean {
    return expire(this.#state.pools, this.#clock.nowMs, limit);
  }

  async #sweep(): Promise<void> {
    await this.#turns.yield();
    while (!cleanUp(this.#state.locks, CLEAN_UP_BATCH_MAX)) {
      this.#clock.invalidate();
      this.#follow();
      if (this.#turns.isExpired()) await this.#turns.yield();
    }
    this.#follow();
    this.#sweeping = undefined;
  }
}
