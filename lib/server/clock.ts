/** The one clock of a server, and the housekeeping that it drives. */
import type { Alarm, Clock } from "../dispatch/command.ts";
import { Moment } from "../dispatch/moment.ts";
import type { Turn } from "../dispatch/turn.ts";
import type { Engine } from "../engine/engine.ts";
import { log } from "../log.ts";

/** A step of the system's clock that is worth following in dates. */
const STEP_MS = 1000;

/**
 * Goes on evenly whatever is done to the system's clock, so that nobody loses a resource because
 * somebody has set the time; only dates follow the system's clock. Counts from the program's start:
 * that many milliseconds are a small number to the runtime for weeks, which needs no box in memory.
 */
export class SystemClock implements Clock {
  readonly #moment: Moment;
  /** How far the system's clock is from ours, */
  #apartMs: number;
  /** and at which look at ours that was. */
  #comparedLook = 0;

  constructor(moment: Moment = new Moment()) {
    this.#moment = moment;
    this.#apartMs = Date.now() - this.nowMs;
  }

  get nowMs(): number {
    return Math.floor(this.#moment.ms);
  }

  seconds(ms: number): number {
    return Math.floor(this.unixMs(ms) / 1000);
  }

  unixMs(ms: number): number {
    const { nowMs } = this;
    if (this.#moment.looks !== this.#comparedLook) this.#compare(nowMs);
    return ms + this.#apartMs;
  }

  alarm(ring: () => void): Alarm {
    return new SystemAlarm(this, ring);
  }

  lapse(): void {
    this.#moment.lapse();
  }

  #compare(nowMs: number): void {
    this.#comparedLook = this.#moment.looks;
    const apartMs = Date.now() - nowMs;
    if (Math.abs(apartMs - this.#apartMs) >= STEP_MS) this.#apartMs = apartMs;
  }
}

/** A timer takes no longer than this; what is later is asked for again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

class SystemAlarm implements Alarm {
  readonly #clock: SystemClock;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #atMs = Infinity;

  constructor(clock: SystemClock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  set(atMs: number): void {
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = undefined;
    if (atMs === Infinity) return;
    const restMs = Math.min(TIMER_MS_MAX, Math.max(0, atMs - this.#clock.nowMs));
    this.#timer = setTimeout(() => this.#due(), restMs);
    Deno.unrefTimer(this.#timer);
  }

  #due(): void {
    this.#clock.lapse();
    // Timers may be early by a part of a millisecond.
    if (this.#clock.nowMs < this.#atMs) return this.set(this.#atMs);
    this.#timer = undefined;
    this.#ring();
  }
}

/** Nobody sees whether it was done: it only gives memory back. */
const SWEEP_MS = 1000;
/** A few milliseconds' work. */
const SWEEP_MAX = 2000;

/** Ends what is due from time to time, in turns; returns how to stop it. */
export function startHousekeeping(engine: Engine, turn: Turn): () => void {
  let working = false;
  const sweep = async () => {
    if (working) return;
    working = true;
    try {
      while (!await engine.tick(SWEEP_MAX)) await turn.end();
    } catch (error) {
      log.error(`this is a bug, please report it (housekeeping): ${String(error)}`);
    }
    working = false;
  };
  const timer = setInterval(sweep, SWEEP_MS);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
