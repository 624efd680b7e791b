/** Files stay small: half of them within 130 lines, none over 300. */
import { assert, assertEquals } from "../support/assert.ts";
import { sources } from "./sources.ts";

const MEDIAN_LINES = 130;
const MOST_LINES = 300;

const sizes = sources
  .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
  .sort((a, b) => a.lines - b.lines);

Deno.test("no file has over 300 lines", () => {
  assertEquals(sizes.filter(({ lines }) => lines > MOST_LINES), []);
});

Deno.test("the median file has at most 130 lines", () => {
  assert(sizes[sizes.length >> 1]!.lines <= MEDIAN_LINES);
});

Deno.test("every file opens with what lives there", () => {
  assertEquals(sources.filter(({ text }) => !text.startsWith("/**")).map(({ path }) => path), []);
});
