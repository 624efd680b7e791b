/** NameTable against the runtime's `Map`: random steps, the same look-ups. */
import { type Named, NameTable } from "../../lib/collections/name_table.ts";
import { assertEquals } from "../support/assert.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";

class Item implements Named<Item> {
  hash = 0;
  chained: Item | undefined = undefined;
  constructor(readonly name: string) {}
}

/** Returns short and long names. */
function nameOf(number: number): string {
  return number % 3 === 0 ? `name ${number}`.padEnd(30 + number % 5, "-") : `n${number}`;
}

/** Asserts that both have the same items, and that look-ups find each of them. */
function assertSame(table: NameTable<Item>, map: Map<string, Item>, message: string): void {
  const sorted = (some: Iterable<[string, Item]>) => [...some].map(([name]) => name).sort();
  assertEquals(table.size, map.size, message);
  assertEquals(sorted(table), sorted(map), message);
  for (const [name, item] of map) assertEquals(table.get(name) === item, true, message);
}

for (const [run, seed] of someSeeds().entries()) {
  Deno.test(`a NameTable finds the same items as a Map, run ${run + 1}`, () => {
    const random = seededRandom(seed);
    const table = new NameTable<Item>(seed | 0);
    const map = new Map<string, Item>();
    // The number of items alternates between few and many, so the table grows and shrinks often.
    for (let step = 0; step < 60_000; step++) {
      const target = step % 20_000 < 10_000 ? 1_000 : 3;
      const name = nameOf(below(random, 2_000));
      const item = map.get(name);
      const message = `seed ${seed}, step ${step}: ${name}`;
      assertEquals(table.get(name) === item, true, message);
      if (item !== undefined && (map.size > target || below(random, 3) === 0)) {
        table.delete(item);
        map.delete(name);
      } else if (item === undefined && map.size <= target) {
        const added = new Item(name);
        table.add(added);
        map.set(name, added);
      }
      if (step % 2_000 === 0) assertSame(table, map, message);
    }
    assertSame(table, map, `seed ${seed}, at the end`);
  });
}

Deno.test("get() distinguishes similar names", () => {
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
  const table = new NameTable<Item>(0);
  for (const name of names) table.add(new Item(name));
  assertEquals(names.map((name) => table.get(name)?.name), names);
  assertEquals([table.size, table.get("b"), table.get("x".repeat(31))], [10, undefined, undefined]);
});

Deno.test("get() stays fast among 200,000 similar names", () => {
  // If they all shared a bucket, this test would take minutes.
  const table = new NameTable<Item>(1);
  for (let i = 0; i < 200_000; i++) table.add(new Item(`user-${i}`));
  let found = 0;
  for (let i = 0; i < 200_000; i++) if (table.get(`user-${i}`) !== undefined) found++;
  assertEquals(found, 200_000);
});
