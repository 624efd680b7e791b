/** Names that come in runs, against one sort of all of them. */
import { SortedRuns } from "../../lib/state/sorted_runs.ts";
import { assertEquals } from "../support/assert.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("no runs, and runs of nothing, are no names", () => {
  const names = new SortedRuns();
  assertEquals([...names], []);
  names.add([]);
  assertEquals([...names], []);
});

Deno.test("names in runs come sorted, each once, as often as they are asked for", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 200; round++) {
      const [names, all] = [new SortedRuns(), new Set<string>()];
      for (let runs = below(random, 9); runs > 0; runs--) {
        const run = Array.from({ length: below(random, 9) }, () => `${below(random, 40)}`);
        names.add(run);
        for (const name of run) all.add(name);
      }
      const wanted = [...all].sort();
      assertEquals([...names], wanted, `seed ${seed}, round ${round}`);
      assertEquals([...names], wanted, `seed ${seed}, round ${round}, again`);
    }
  }
});
