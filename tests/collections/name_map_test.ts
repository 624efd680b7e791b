/** NameMap against the runtime's `Map`, with more names in turn than deleted keys stay. */
import { NameMap } from "../../lib/collections/name_map.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const NAMES = Array.from({ length: 600 }, (_, i) => `${i}`).concat(
  "",
  "__proto__",
  "constructor",
  "x".repeat(300),
);

for (const [index, seed] of someSeeds().entries()) {
  Deno.test(`a NameMap has the same entries as a Map, run ${index + 1}`, () => {
    const random = seededRandom(seed);
    const map = new NameMap<number>();
    const model = new Map<string, number>();
    for (let step = 0; step < 20_000; step++) {
      const name = pick(random, below(random, 2) === 0 ? NAMES : NAMES.slice(0, 3));
      if (below(random, 2) === 0) {
        map.set(name, step);
        model.set(name, step);
      } else {
        map.delete(name);
        model.delete(name);
      }
      const isSame = map.get(name) === model.get(name) && map.size === model.size;
      assert(isSame, `seed ${seed}, step ${step}`);
    }
    const sorted = (entries: Iterable<[string, number]>) => [...new Map(entries)].sort();
    assertEquals(sorted(map as Iterable<[string, number]>), sorted(model), `seed ${seed}`);
  });
}
