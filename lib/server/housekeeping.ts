/** Housekeeping: removes expired pool sessions even when no requests arrive. */
import type { Engine } from "../engine/engine.ts";
import { HOUSEKEEPING_BATCH_MAX, HOUSEKEEPING_INTERVAL_MS } from "../limits.ts";
import { log } from "../log.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";

/** Removes expired sessions periodically, in time slices. Returns a function that stops this. */
export function startHousekeeping(engine: Engine, timeSlice: TimeSlice): () => void {
  let isWorking = false;
  const sweep = async () => {
    if (isWorking) return;
    isWorking = true;
    try {
      while (!await engine.tick(HOUSEKEEPING_BATCH_MAX)) await timeSlice.yield();
    } catch (error) {
      log.error(`this is a bug, please report it (housekeeping): ${String(error)}`);
    }
    isWorking = false;
  };
  const timer = setInterval(sweep, HOUSEKEEPING_INTERVAL_MS);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
