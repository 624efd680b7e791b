/** The one clock of a server, and the housekeeping that it drives. */
import type { Clock } from "../dispatch/command.ts";
import { Moment } from "../dispatch/moment.ts";
import type { Turn } from "../dispatch/turn.ts";
import type { Engine } from "../engine/engine.ts";
import { log } from "../log.ts";

/** A step of the system's clock that is worth following in dates. */
const STEP_MS = 1000;

/**
 * Goes on evenly whatever is done to the system's clock, so that nobody loses a resource because
 * somebody has set the time; only dates follow the system's clock.
 */
export class SystemClock implements Clock {
  readonly #moment: Moment;
  readonly #startMs: number;
  /** How far the system's clock is from ours, */
  #apartMs = 0;
  /** and at which look at ours that was. */
  #comparedLook = 0;

  constructor(moment: Moment = new Moment()) {
    this.#moment = moment;
    this.#startMs = Date.now() - moment.ms;
  }

  get nowMs(): number {
    return Math.floor(this.#startMs + this.#moment.ms);
  }

  seconds(ms: number): number {
    const { nowMs } = this;
    if (this.#moment.looks !== this.#comparedLook) this.#compare(nowMs);
    return Math.floor((ms + this.#apartMs) / 1000);
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
