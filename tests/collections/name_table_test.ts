/** The table against a map: random comings and goings, the same findings. */
import { type Named, NameTable } from "../../lib/collections/name_table.ts";
import { assertEquals } from "../support/assert.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";

class Thing implements Named<Thing> {
  hash = 0;
  chained: Thing | undefined = undefined;
  constructor(readonly name: string) {}
}

/** Short ones and long ones, around the length where the table hands over. */
function nameOf(number: number): string {
  return number % 3 === 0 ? `name ${number}`.padEnd(30 + number % 5, "-") : `n${number}`;
}

/** Everything in both, and that each is found. */
function assertSame(table: NameTable<Thing>, map: Map<string, Thing>, message: string): void {
  const sorted = (some: Iterable<[string, Thing]>) => [...some].map(([name]) => name).sort();
  assertEquals(table.size, map.size, message);
  assertEquals(sorted(table), sorted(map), message);
  for (const [name, thing] of map) assertEquals(table.get(name) === thing, true, message);
}

for (const [run, seed] of someSeeds().entries()) {
  Deno.test(`a table of names finds what a map finds, run ${run + 1}`, () => {
    const random = seededRandom(seed);
    const table = new NameTable<Thing>(seed | 0);
    const map = new Map<string, Thing>();
    // It grows and shrinks several times: what there are wanders between few and many.
    for (let step = 0; step < 60_000; step++) {
      const wanted = step % 20_000 < 10_000 ? 1_000 : 3;
      const name = nameOf(below(random, 2_000));
      const thing = map.get(name);
      const message = `seed ${seed}, step ${step}: ${name}`;
      assertEquals(table.get(name) === thing, true, message);
      if (thing !== undefined && (map.size > wanted || below(random, 3) === 0)) {
        table.delete(thing);
        map.delete(name);
      } else if (thing === undefined && map.size <= wanted) {
        const another = new Thing(name);
        table.add(another);
        map.set(name, another);
      }
      if (step % 2_000 === 0) assertSame(table, map, message);
    }
    assertSame(table, map, `seed ${seed}, at the end`);
  });
}

Deno.test("a table of names keeps apart what looks alike", () => {
  const names = [
    "",
    " ",
    "a",
    "A",
    "\0",
    "\0\0",
    "\xff",
    "__proto__",
    "x".repeat(32),
    "x".repeat(33),
  ];
  const table = new NameTable<Thing>(0);
  for (const name of names) table.add(new Thing(name));
  assertEquals(names.map((name) => table.get(name)?.name), names);
  assertEquals([table.size, table.get("b"), table.get("x".repeat(31))], [10, undefined, undefined]);
});

Deno.test("names that only differ in what is not hashed well share no bucket for long", () => {
  // A chain as long as the table would show as a test that takes minutes.
  const table = new NameTable<Thing>(1);
  for (let i = 0; i < 200_000; i++) table.add(new Thing(`user-${i}`));
  let found = 0;
  for (let i = 0; i < 200_000; i++) if (table.get(`user-${i}`) !== undefined) found++;
  assertEquals(found, 200_000);
});
