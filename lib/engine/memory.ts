/**
 * The engine for a single process: the state is in memory, and a change is a function call. Rules
 * are synchronous and validate before they write, so every change is atomic.
 *
 * When an owner of very many locks departs, the locks are free at once, but the clean-up takes
 * several time slices. Only a rule that counts locks waits until the clean-up is done.
 */
import type { Clock, Timer, TimeSource } from "../clock.ts";
import {
  CLEAN_UP_BATCH_MAX,
  ENDED_SESSIONS_PER_CLOCK_READING,
  EXPIRY_BATCH_MAX,
} from "../limits.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";
import { cleanUp } from "../state/locks/cleanup.ts";
import { type Departure, expireDue, leave, type LeaveOptions } from "../state/locks/departure.ts";
import { LockEventLog } from "../state/locks/event_log.ts";
import type { TokenSource } from "../state/locks/model.ts";
import type { Owner } from "../state/locks/party.ts";
import { newLockStore } from "../state/locks/store.ts";
import { drain } from "../state/locks/wait_queue.ts";
import { leaveMaster } from "../state/pools/master.ts";
import type { Pools } from "../state/pools/model.ts";
import { expireSessions } from "../state/pools/sessions.ts";
import type { Engine, LockObserver, Outcome, Slice, State } from "./engine.ts";

export class MemoryEngine implements Engine {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #timeSlice: TimeSlice;
  /** Settles when the clean-up in progress is done. */
  #cleaningUp: Promise<void> | undefined;
  readonly #expiryTimer: Timer;
  #expiryTimerMs = Infinity;
  #observer: LockObserver | undefined;
  #isPublishing = false;
  #isClosed = false;

  constructor(pools: Pools, clock: Clock, timeSlice: TimeSlice, tokens?: TokenSource) {
    this.#state = { locks: newLockStore(pools.salt, tokens), pools };
    this.#clock = clock;
    this.#timeSlice = timeSlice;
    this.#expiryTimer = clock.timer(() => this.#expire());
  }

  read<R>(slice: Slice, rule: (state: State, time: TimeSource) => R): Outcome<R> {
    return this.change(slice, rule);
  }

  change<R>(slice: Slice, rule: (state: State, time: TimeSource) => R): Outcome<R> {
    if (slice === "lock counts" && this.#cleaningUp !== undefined) {
      return this.#cleaningUp.then(() => this.change(slice, rule));
    }
    // Rules of glockd commands read the clock only to grant a lock. A reading costs as much as a
    // rule.
    if (typeof slice === "object") {
      const time = "names" in slice ? { nowMs: this.#clock.nowMs } : this.#clock;
      const outcome = rule(this.#state, time);
      this.#publish();
      return outcome;
    }
    let { nowMs } = this.#clock;
    if (slice === "pools" || slice === "session") {
      expireSessions(this.#state.pools, nowMs);
      if (this.#invalidateClockAfterWork()) nowMs = this.#clock.nowMs;
    }
    const outcome = rule(this.#state, { nowMs });
    // A rule on all locks or all pools may have taken a long time.
    if (slice !== "session" || this.#invalidateClockAfterWork()) this.#clock.invalidate();
    this.#publish();
    return outcome;
  }

  drain(): void {
    drain(this.#state.locks, this.#clock);
    this.#publish();
  }

  close(): void {
    this.#isClosed = true;
    this.#expiryTimer.set(Infinity);
  }

  watch(observer: LockObserver | undefined): void {
    this.#observer = observer;
    this.#state.locks.eventLog = observer && new LockEventLog((name) => observer.isWatched(name));
  }

  /** Sets the expiry timer, and passes outcomes to their waiters and events to the observer. */
  #publish(): void {
    const { locks } = this.#state;
    const dueMs = locks.timers.first?.atMs ?? Infinity;
    if (dueMs !== this.#expiryTimerMs && !this.#isClosed) {
      this.#expiryTimerMs = dueMs;
      this.#expiryTimer.set(dueMs);
    }
    if (locks.outcomes.length === 0 && locks.eventLog?.isEmpty !== false) return;
    if (this.#isPublishing) return; // a listener made this change: the running loop publishes it
    this.#isPublishing = true;
    try {
      while (locks.outcomes.length > 0 || locks.eventLog?.isEmpty === false) {
        const { outcomes } = locks;
        locks.outcomes = [];
        for (const { listener, outcome } of outcomes) listener.onOutcome(outcome);
        for (const event of locks.eventLog?.takeAll() ?? []) this.#observer?.onEvent(event);
      }
    } finally {
      this.#isPublishing = false;
    }
  }

  /** Ends expired leases, graces and waits. After a full batch, the timer expires again at once. */
  #expire(): void {
    const { nowMs } = this.#clock;
    expireDue(this.#state.locks, { nowMs }, EXPIRY_BATCH_MAX);
    this.#clock.invalidate();
    this.#expiryTimerMs = Infinity;
    this.#publish();
  }

  /** Invalidates the clock if many sessions ended since its reading. Returns whether it did. */
  #invalidateClockAfterWork(): boolean {
    const { pools } = this.#state;
    if (pools.workSinceClockRead <= ENDED_SESSIONS_PER_CLOCK_READING) return false;
    pools.workSinceClockRead = 0;
    this.#clock.invalidate();
    return true;
  }

  leave(owner: Owner, options: LeaveOptions): Departure {
    leaveMaster(this.#state.pools, owner);
    const departure = leave(this.#state.locks, owner, options);
    if (!cleanUp(this.#state.locks, CLEAN_UP_BATCH_MAX)) this.#cleaningUp ??= this.#cleanUp();
    this.#publish();
    return departure;
  }

  tick(limit: number): boolean {
    return expireSessions(this.#state.pools, this.#clock.nowMs, limit);
  }

  async #cleanUp(): Promise<void> {
    await this.#timeSlice.yield();
    while (!cleanUp(this.#state.locks, CLEAN_UP_BATCH_MAX)) {
      this.#clock.invalidate();
      this.#publish();
      if (this.#timeSlice.isExpired()) await this.#timeSlice.yield();
    }
    this.#publish();
    this.#cleaningUp = undefined;
  }
}
