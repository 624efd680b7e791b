/** The server's clock follows the system's, and never goes back with it. */
import { SystemClock } from "../../lib/server/clock.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

/** What stands for the system's clock while a test runs. */
class SystemTime implements Disposable {
  readonly #now = Date.now;

  constructor(public ms: number) {
    Date.now = () => this.ms;
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
  }
}

/** The system's clock at each look, and what ours says then, in milliseconds and whole seconds. */
type Look = [systemMs: number, nowMs: number, seconds: number];

function assertLooks(...looks: Look[]): void {
  using time = new SystemTime(looks[0]![0]);
  const clock = new SystemClock();
  const seen = looks.map(([systemMs]): Look => {
    time.ms = systemMs;
    const { nowMs } = clock;
    return [systemMs, nowMs, clock.seconds(nowMs)];
  });
  assertEquals(seen, looks);
}

Deno.test("the clock says what the system's says, as long as that goes on or stands", () => {
  assertLooks([1000, 1000, 1], [1000, 1000, 1], [1999, 1999, 1], [2000, 2000, 2], [
    9e12,
    9e12,
    9e9,
  ]);
});

Deno.test("when the system's clock is set back ours stands for a moment, and goes on from there", () => {
  assertLooks(
    [100_000, 100_000, 100],
    [40_000, 100_000, 40],
    [40_001, 100_001, 40],
    [41_000, 101_000, 41],
    [41_000, 101_000, 41],
  );
});

Deno.test("the clock can be set back again and again, and by a fraction of a second", () => {
  assertLooks(
    [10_000, 10_000, 10],
    [9_999, 10_000, 9],
    [10_999, 11_000, 10],
    [11_000, 11_001, 11],
    [500, 11_001, 0],
    [1_500, 12_001, 1],
    [1_000, 12_001, 1],
    [1_000, 12_001, 1],
  );
});

Deno.test("the seconds of any moment are the system's, also of one before the clock was set back", () => {
  using time = new SystemTime(100_000);
  const clock = new SystemClock();
  const before = clock.nowMs;
  time.ms = 160_000;
  assertEquals(clock.nowMs - before, 60_000);
  time.ms = 130_000;
  assertEquals(clock.nowMs - before, 60_000);
  // By the system's clock it is 130 now; that moment was 60 seconds ago.
  assertEquals(clock.seconds(clock.nowMs), 130);
  assertEquals(clock.seconds(before), 70);
  assertEquals(clock.seconds(clock.nowMs + 5_000), 135);
});

Deno.test("whatever happens to the system's clock, ours never goes back, and runs as fast", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    using time = new SystemTime(1_700_000_000_000 + below(random, 1000));
    const clock = new SystemClock();
    let last = clock.nowMs;
    for (let step = 0; step < 2_000; step++) {
      const byMs = pick(random, [0, 1, 999, 1000, 3_600_000, -1, -999, -1000, -86_400_000]);
      time.ms += byMs;
      const { nowMs } = clock;
      const message = `seed ${seed}, step ${step}: ${byMs} ms`;
      assert(nowMs >= last, message);
      assertEquals(nowMs - last, Math.max(0, byMs), message);
      assertEquals(clock.seconds(nowMs), Math.floor(time.ms / 1000), message);
      last = nowMs;
    }
  }
});
