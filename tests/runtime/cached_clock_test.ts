/** A reading of the clock serves those who ask at once, and nobody later. */
import { CachedClock } from "../../lib/runtime/cached_clock.ts";
import { assertEquals } from "../support/assert.ts";

/** What stands for the system's clock while a test runs. */
class EvenTime implements Disposable {
  readonly #now = performance.now;
  constructor(public ms: number) {
    performance.now = () => this.ms;
  }

  [Symbol.dispose](): void {
    performance.now = this.#now;
  }
}

Deno.test("a moment that is to look each time does so", () => {
  using time = new EvenTime(5);
  const moment = new CachedClock();
  assertEquals([moment.ms, moment.readings], [5, 1]);
  time.ms = 6;
  assertEquals([moment.ms, moment.readings], [6, 2]);
});

Deno.test("a reading is given out so often and then is another", () => {
  using time = new EvenTime(0);
  const moment = new CachedClock(3);
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((ms) => (time.ms = ms, moment.ms)), [1, 1, 1, 4, 4, 4, 7]);
  assertEquals(moment.readings, 3);
});

Deno.test("a reading is none any more when time has lapsed", () => {
  using time = new EvenTime(1);
  const moment = new CachedClock(100);
  const before = moment.ms;
  time.ms = 2;
  assertEquals([before, moment.ms], [1, 1]);
  moment.invalidate();
  assertEquals([moment.ms, moment.ms], [2, 2]);
});

Deno.test("whoever has waited for anything gets a new reading, again and again", async () => {
  using time = new EvenTime(0);
  const moment = new CachedClock(100);
  for (let ms = 1; ms < 5; ms++) {
    time.ms = ms;
    assertEquals([moment.ms, moment.ms], [ms, ms]);
    time.ms = ms + 0.5;
    moment.invalidate();
    assertEquals(moment.ms, ms + 0.5);
    await undefined;
  }
});
