/** What is due when, against a list that is sorted each time. */
import { NOT_QUEUED, type TimerEntry, TimerQueue } from "../../lib/collections/timer_queue.ts";
import { assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("an agenda tells what is due first", () => {
  const agenda = new TimerQueue<TimerEntry>();
  const [late, early] = [{ atMs: 2, index: NOT_QUEUED }, { atMs: 1, index: NOT_QUEUED }];
  assertEquals([agenda.first, agenda.size], [undefined, 0]);
  agenda.add(late);
  agenda.add(early);
  assertEquals([agenda.first, agenda.size], [early, 2]);
  agenda.remove(early);
  agenda.remove(early); // stands nowhere any more
  assertEquals([agenda.first, agenda.size, early.index], [late, 1, NOT_QUEUED]);
});

for (const seed of someSeeds()) {
  Deno.test(`an agenda agrees with a list, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const agenda = new TimerQueue<TimerEntry>();
    const list: TimerEntry[] = [];
    for (let step = 0; step < 20_000; step++) {
      if (random() < (step % 2000 < 1000 ? 0.6 : 0.4) || list.length === 0) {
        const item = { atMs: below(random, 50), index: NOT_QUEUED };
        agenda.add(item);
        list.push(item);
      } else {
        const item = random() < 0.3 ? agenda.first! : pick(random, list);
        agenda.remove(item);
        list.splice(list.indexOf(item), 1);
      }
      const message = `seed ${seed}, step ${step}`;
      assertEquals(agenda.size, list.length, message);
      const least = list.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
      assertEquals(agenda.first?.atMs ?? Infinity, least, message);
    }
  });
}
