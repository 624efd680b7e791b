/** The wait queue of one name, against a list that is sorted each time. */
import { NameQueue, type QueueEntry, type Sequenced } from "../../../lib/state/locks/name_queue.ts";
import { assertEquals } from "../../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../../support/random.ts";

const PLAIN = { wantsSeveral: false, conflictsWithExclusive: true, conflictsWithShared: false };

Deno.test("a NameQueue is ordered by priority, then by arrival", () => {
  const queue = new NameQueue<Sequenced>("a");
  assertEquals([queue.size, queue.head, queue.isEndFor(0)], [0, undefined, true]);
  for (const [serial, priority] of [0, 0, 5, -1, 5].entries()) {
    queue.add({ serial }, priority, PLAIN);
  }
  assertEquals([...queue].map(({ waiter }) => waiter.serial), [2, 4, 0, 1, 3]);
  assertEquals([queue.isEndFor(-1), queue.isEndFor(0), queue.isEndFor(-2)], [true, false, true]);
});

for (const [run, seed] of someSeeds().entries()) {
  Deno.test(`a NameQueue agrees with a sorted list, run ${run + 1}`, () => {
    const random = seededRandom(seed);
    const queue = new NameQueue<Sequenced>("a");
    const list: QueueEntry<Sequenced>[] = [];
    const sorted = () =>
      list.toSorted((a, b) => b.priority - a.priority || a.waiter.serial - b.waiter.serial);
    for (let step = 0; step < 3000; step++) {
      const message = `seed ${seed}, step ${step}`;
      if (random() < (step % 200 < 100 ? 0.7 : 0.3) || list.length === 0) {
        const conflicts = {
          wantsSeveral: random() < 0.5,
          conflictsWithExclusive: random() < 0.5,
          conflictsWithShared: random() < 0.5,
        };
        list.push(queue.add({ serial: step }, below(random, 7) - 3, conflicts));
      } else if (random() < 0.3) {
        const entry = pick(random, list);
        list[list.indexOf(entry)] = queue.move(entry, below(random, 7) - 3);
      } else {
        const entry = random() < 0.3 ? queue.head! : pick(random, list);
        queue.remove(entry);
        list.splice(list.indexOf(entry), 1);
      }
      assertEquals(queue.size, list.length, message);
      assertEquals(queue.head, sorted()[0], message);
      if (step % 10 === 0) {
        const serials = (entries: Iterable<QueueEntry<Sequenced>>) =>
          [...entries].map(({ waiter }) => waiter.serial);
        assertEquals(serials(queue), serials(sorted()), message);
      }
      const least = list.reduce((least, { priority }) => Math.min(least, priority), Infinity);
      for (let priority = -4; priority <= 4; priority++) {
        assertEquals(queue.isEndFor(priority), !(least < priority), message);
      }
      for (
        const entry of [
          ...queue.wantingSeveral,
          ...queue.blockedByExclusive,
          ...queue.blockedByShared,
        ]
      ) {
        assertEquals(list.includes(entry), true, message);
      }
    }
  });
}
