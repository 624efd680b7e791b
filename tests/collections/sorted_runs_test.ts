/** Sorting in runs against sorting at once. */
import { SortedRuns } from "../../lib/collections/sorted_runs.ts";
import { assertEquals } from "../support/assert.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("SortedRuns without names is empty", () => {
  assertEquals([...new SortedRuns()], []);
});

Deno.test("SortedRuns iterates over sorted names, each once, and can be iterated over again", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 200; round++) {
      const names = new SortedRuns(1 + below(random, 9));
      const all = Array.from({ length: below(random, 60) }, () => `${below(random, 40)}`);
      for (const name of all) names.add(name);
      const expected = [...new Set(all)].sort();
      assertEquals([...names], expected, `seed ${seed}, round ${round}`);
      assertEquals([...names], expected, `seed ${seed}, round ${round}, again`);
    }
  }
});

Deno.test("SortedRuns sorts any number of names, of any bytes", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (const length of [1, 2, 1023, 1024, 1025, 2048, 5000, 20_000]) {
      const names = new SortedRuns();
      const all = Array.from({ length }, () => {
        return String.fromCharCode(below(random, 256), below(random, 256)).repeat(below(random, 3));
      });
      for (const name of all) names.add(name);
      assertEquals([...names], [...new Set(all)].sort(), `seed ${seed}, ${length} names`);
    }
  }
});
