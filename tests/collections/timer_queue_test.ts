/** TimerQueue against a list that is searched each time. */
import { NOT_QUEUED, type TimerEntry, TimerQueue } from "../../lib/collections/timer_queue.ts";
import { assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("first is the item that is due first", () => {
  const queue = new TimerQueue<TimerEntry>();
  const [late, early] = [{ atMs: 2, index: NOT_QUEUED }, { atMs: 1, index: NOT_QUEUED }];
  assertEquals([queue.first, queue.size], [undefined, 0]);
  queue.add(late);
  queue.add(early);
  assertEquals([queue.first, queue.size], [early, 2]);
  queue.remove(early);
  queue.remove(early); // in no queue any longer
  assertEquals([queue.first, queue.size, early.index], [late, 1, NOT_QUEUED]);
});

for (const [run, seed] of someSeeds().entries()) {
  Deno.test(`a TimerQueue agrees with a list, run ${run + 1}`, () => {
    const random = seededRandom(seed);
    const queue = new TimerQueue<TimerEntry>();
    const list: TimerEntry[] = [];
    for (let step = 0; step < 20_000; step++) {
      if (random() < (step % 2000 < 1000 ? 0.6 : 0.4) || list.length === 0) {
        const item = { atMs: below(random, 50), index: NOT_QUEUED };
        queue.add(item);
        list.push(item);
      } else {
        const item = random() < 0.3 ? queue.first! : pick(random, list);
        queue.remove(item);
        list.splice(list.indexOf(item), 1);
      }
      const message = `seed ${seed}, step ${step}`;
      assertEquals(queue.size, list.length, message);
      const least = list.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
      assertEquals(queue.first?.atMs ?? Infinity, least, message);
    }
  });
}
