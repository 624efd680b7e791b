/** A cached reading is reused within one step of the program, and never later. */
import { CachedClock } from "../../lib/runtime/cached_clock.ts";
import { assertEquals } from "../support/assert.ts";

/** Replaces the system's steady clock while a test runs. */
class FakeTime implements Disposable {
  readonly #now = performance.now;
  constructor(public ms: number) {
    performance.now = () => this.ms;
  }

  [Symbol.dispose](): void {
    performance.now = this.#now;
  }
}

Deno.test("without a number of uses, each access takes a new reading", () => {
  using time = new FakeTime(5);
  const clock = new CachedClock();
  assertEquals([clock.ms, clock.readings], [5, 1]);
  time.ms = 6;
  assertEquals([clock.ms, clock.readings], [6, 2]);
});

Deno.test("a reading is used the given number of times", () => {
  using time = new FakeTime(0);
  const clock = new CachedClock(3);
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((ms) => (time.ms = ms, clock.ms)), [1, 1, 1, 4, 4, 4, 7]);
  assertEquals(clock.readings, 3);
});

Deno.test("invalidate() drops the reading", () => {
  using time = new FakeTime(1);
  const clock = new CachedClock(100);
  const before = clock.ms;
  time.ms = 2;
  assertEquals([before, clock.ms], [1, 1]);
  clock.invalidate();
  assertEquals([clock.ms, clock.ms], [2, 2]);
});

Deno.test("code gets a new reading after each await", async () => {
  using time = new FakeTime(0);
  const clock = new CachedClock(100);
  for (let ms = 1; ms < 5; ms++) {
    time.ms = ms;
    assertEquals([clock.ms, clock.ms], [ms, ms]);
    time.ms = ms + 0.5;
    clock.invalidate();
    assertEquals(clock.ms, ms + 0.5);
    await undefined;
  }
});
