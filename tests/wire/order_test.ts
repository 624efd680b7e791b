/** Sorting by and by against sorting at once. */
import { inOrder } from "../../lib/wire/order.ts";
import { assertEquals } from "../support/assert.ts";
import { seededRandom, someSeeds } from "../support/random.ts";

for (const [index, seed] of someSeeds().entries()) {
  Deno.test(`inOrder gives what sort gives, whatever the number, run ${index + 1}`, () => {
    const random = seededRandom(seed);
    for (const length of [0, 1, 2, 1023, 1024, 1025, 2048, 5000, 20_000]) {
      const texts = Array.from({ length }, () => {
        const text = String.fromCharCode(Math.floor(random() * 256), Math.floor(random() * 256));
        return text.repeat(Math.floor(random() * 3));
      });
      const given = texts.flatMap((text) => random() < 0.1 ? [undefined, text] : [text]);
      const ordered = [...inOrder(given)].filter((text) => text !== undefined);
      assertEquals(ordered, texts.sort(), `seed ${seed}, ${length} texts`);
    }
  });
}
