/** When the memory engine invalidates the cached clock. */
import { TimeSlice } from "../../lib/runtime/time_slice.ts";
import { MemoryEngine } from "../../lib/engine/memory.ts";
import { consume } from "../../lib/state/pools/assign.ts";
import { setResource } from "../../lib/state/pools/resources.ts";
import { addPool, newPools } from "../../lib/state/pools/table.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { HandClock } from "../support/hand_clock.ts";

class CountingClock extends HandClock {
  invalidations = 0;

  override invalidate(): void {
    this.invalidations++;
  }
}

Deno.test("change() invalidates the clock after ending many sessions", () => {
  const [pools, clock] = [
    newPools({ latencyMs: 1000, seed: "serial", mode: "sticky" }),
    new CountingClock(),
  ];
  addPool(pools, "lab");
  setResource(pools, "bench", 1000);
  const engine = new MemoryEngine(pools, clock, new TimeSlice());
  const ask = (consumer: string) =>
    engine.change("session", (_, { nowMs }) => consume(pools, "lab", consumer, nowMs));
  for (let i = 0; i < 100; i++) ask(`consumer ${i}`);
  assertEquals(clock.invalidations, 0);
  clock.nowMs += 1e9;
  ask("late");
  assert(clock.invalidations > 0);
});
