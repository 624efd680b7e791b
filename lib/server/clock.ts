/** The one clock of a server, and the housekeeping that it drives. */
import type { Clock } from "../dispatch/command.ts";
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
  readonly #startMs = Date.now() - performance.now();
  /** How far the system's clock is from ours. */
  #apartMs = 0;

  get nowMs(): number {
    return Math.floor(this.#startMs + performance.now());
  }

  seconds(ms: number): number {
    const apartMs = Date.now() - this.nowMs;
    if (Math.abs(apartMs - this.#apartMs) >= STEP_MS) this.#apartMs = apartMs;
    return Math.floor((ms + this.#apartMs) / 1000);
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
