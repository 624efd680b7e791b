/** Those who wait for one name, against a list that is sorted each time. */
import { type Arrived, NameQueue, type QueueEntry } from "../../../lib/state/locks/name_queue.ts";
import { assertEquals } from "../../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../../support/random.ts";

const PLAIN = { wantsSeveral: false, conflictsWithExclusive: true, conflictsWithShared: false };

Deno.test("a queue is served by priority, then as they came", () => {
  const queue = new NameQueue<Arrived>("a");
  assertEquals([queue.size, queue.head, queue.isEndFor(0)], [0, undefined, true]);
  for (const [serial, priority] of [0, 0, 5, -1, 5].entries()) {
    queue.add({ serial }, priority, PLAIN);
  }
  assertEquals([...queue].map(({ waiter }) => waiter.serial), [2, 4, 0, 1, 3]);
  assertEquals([queue.isEndFor(-1), queue.isEndFor(0), queue.isEndFor(-2)], [true, false, true]);
});

for (const seed of someSeeds()) {
  Deno.test(`a queue agrees with a list, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const queue = new NameQueue<Arrived>("a");
    const list: QueueEntry<Arrived>[] = [];
    const sorted = () =>
      list.toSorted((a, b) => b.priority - a.priority || a.waiter.serial - b.waiter.serial);
    for (let step = 0; step < 3000; step++) {
      const message = `seed ${seed}, step ${step}`;
      if (random() < (step % 200 < 100 ? 0.7 : 0.3) || list.length === 0) {
        const nature = {
          wantsSeveral: random() < 0.5,
          conflictsWithExclusive: random() < 0.5,
          conflictsWithShared: random() < 0.5,
        };
        list.push(queue.add({ serial: step }, below(random, 7) - 3, nature));
      } else if (random() < 0.3) {
        const place = pick(random, list);
        list[list.indexOf(place)] = queue.move(place, below(random, 7) - 3);
      } else {
        const place = random() < 0.3 ? queue.head! : pick(random, list);
        queue.remove(place);
        list.splice(list.indexOf(place), 1);
      }
      assertEquals(queue.size, list.length, message);
      assertEquals(queue.head, sorted()[0], message);
      if (step % 10 === 0) {
        const serials = (places: Iterable<QueueEntry<Arrived>>) =>
          [...places].map(({ waiter }) => waiter.serial);
        assertEquals(serials(queue), serials(sorted()), message);
      }
      const least = list.reduce((least, { priority }) => Math.min(least, priority), Infinity);
      for (let priority = -4; priority <= 4; priority++) {
        assertEquals(queue.isEndFor(priority), !(least < priority), message);
      }
      for (
        const place of [
          ...queue.wantingSeveral,
          ...queue.blockedByExclusive,
          ...queue.blockedByShared,
        ]
      ) {
        assertEquals(list.includes(place), true, message);
      }
    }
  });
}
