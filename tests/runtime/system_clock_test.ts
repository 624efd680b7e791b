/** The server's clock is steady; its dates follow the system's clock. */
import { SystemClock } from "../../lib/runtime/system_clock.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

/** Replaces the system's two clocks while a test runs: the clock of dates, and the steady clock. */
class SystemTime implements Disposable {
  readonly #dateNow = Date.now;
  readonly #performanceNow = performance.now;

  constructor(public ms: number, public steadyMs = 0) {
    Date.now = () => this.ms;
    performance.now = () => this.steadyMs;
  }

  advance(ms: number): void {
    this.ms += ms;
    this.steadyMs += ms;
  }

  [Symbol.dispose](): void {
    Date.now = this.#dateNow;
    performance.now = this.#performanceNow;
  }
}

Deno.test("the clock begins with the system's clocks and advances with time", () => {
  using time = new SystemTime(1_000_000, 777);
  const clock = new SystemClock();
  assertEquals([clock.nowMs, clock.unixSeconds(clock.nowMs)], [777, 1000]);
  time.advance(1999);
  assertEquals([clock.nowMs, clock.unixSeconds(clock.nowMs)], [2776, 1001]);
});

for (const stepMs of [-7_200_000, -1_000, 1_000, 7_200_000]) {
  Deno.test(`setting the system's clock by ${stepMs} ms changes dates and not nowMs`, () => {
    using time = new SystemTime(1_700_000_000_000);
    const clock = new SystemClock();
    const before = clock.nowMs;
    time.ms += stepMs;
    assertEquals(clock.nowMs, before);
    assertEquals(clock.unixSeconds(before), (1_700_000_000_000 + stepMs) / 1000);
    time.advance(5_000);
    assertEquals(clock.nowMs, before + 5_000);
    assertEquals(clock.unixSeconds(before), (1_700_000_000_000 + stepMs) / 1000);
  });
}

Deno.test("steps of the system's clock below a second do not change dates", () => {
  using time = new SystemTime(1_700_000_000_000);
  const clock = new SystemClock();
  const { nowMs } = clock;
  for (const nudgeMs of [-1, -999, 500, 999]) {
    time.ms = 1_700_000_000_000 + nudgeMs;
    assertEquals(clock.unixSeconds(nowMs), 1_700_000_000, `${nudgeMs} ms`);
  }
});

Deno.test("nowMs never goes back, and dates stay close to the system's clock", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    using time = new SystemTime(1_700_000_000_000 + below(random, 1000));
    const clock = new SystemClock();
    for (let step = 0; step < 2_000; step++) {
      const before = clock.nowMs;
      const passedMs = pick(random, [0, 1, 999, 1000, 3_600_000]);
      time.advance(passedMs);
      time.ms += pick(random, [0, 0, 1, 999, 1000, -1, -999, -1000, -86_400_000]);
      const message = `seed ${seed}, step ${step}`;
      assertEquals(clock.nowMs - before, passedMs, message);
      assert(Math.abs(clock.unixSeconds(clock.nowMs) - time.ms / 1000) <= 2, message);
    }
  }
});
