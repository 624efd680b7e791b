/** Housekeeping: ends pool sessions that have expired even when nobody asks for anything. */
import type { Engine } from "../engine/engine.ts";
import { HOUSEKEEPING_BATCH_MAX, HOUSEKEEPING_INTERVAL_MS } from "../limits.ts";
import { log } from "../log.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";

/** Ends expired sessions once an interval, in time slices. Returns a function that stops it. */
export function startHousekeeping(engine: Engine, turn: TimeSlice): () => void {
  let working = false;
  const sweep = async () => {
    if (working) return;
    working = true;
    try {
      while (!await engine.tick(HOUSEKEEPING_BATCH_MAX)) await turn.yield();
    } catch (error) {
      log.error(`this is a bug, please report it (housekeeping): ${String(error)}`);
    }
    working = false;
  };
  const timer = setInterval(sweep, HOUSEKEEPING_INTERVAL_MS);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
