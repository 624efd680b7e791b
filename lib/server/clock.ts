/** The one clock of a server, and the housekeeping that it drives. */
import type { Clock } from "../dispatch/command.ts";
import type { Turn } from "../dispatch/turn.ts";
import type { Engine } from "../engine/engine.ts";
import { log } from "../log.ts";

/** Follows the system's clock, and goes on when that is set back. */
export class SystemClock implements Clock {
  #lastMs = 0;
  /** How far the system's clock was set back so far. */
  #aheadMs = 0;

  get nowMs(): number {
    const nowMs = Date.now() + this.#aheadMs;
    if (nowMs >= this.#lastMs) return this.#lastMs = nowMs;
    this.#aheadMs += this.#lastMs - nowMs;
    return this.#lastMs;
  }

  seconds(ms: number): number {
    return Math.floor((ms - this.#aheadMs) / 1000);
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
