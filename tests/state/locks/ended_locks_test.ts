/** What is remembered of locks that everybody else has forgotten: bounded, the oldest goes first. */
import { EndedLocks } from "../../../lib/state/locks/ended_locks.ts";
import { assert, assertEquals } from "../../support/assert.ts";

interface Item {
  readonly name: string;
  readonly ending: string;
  before: Item | undefined;
  after: Item | undefined;
  hash: number;
  chained: Item | undefined;
}

function itemOf(name: string, ending: string): Item {
  return { name, ending, before: undefined, after: undefined, hash: 0, chained: undefined };
}

/** Of each kind, as its comment says. */
const KEPT_MAX = 100_000;

Deno.test("what is kept can be taken once", () => {
  const past = new EndedLocks<Item>(1);
  assertEquals([past.get("a"), past.take("a")], [undefined, undefined]);
  const item = itemOf("a", "closed");
  past.keep(item);
  assertEquals([past.get("a"), past.take("a"), past.get("a")], [item, item, undefined]);
});

Deno.test("the longest known goes first; what did not end well is pushed out by its like only", () => {
  const past = new EndedLocks<Item>(1);
  const bad = Array.from({ length: 10 }, (_, i) => itemOf(`bad ${i}`, "lost"));
  for (const item of bad) past.keep(item);
  for (let i = 0; i < KEPT_MAX + 5; i++) past.keep(itemOf(`good ${i}`, "released"));
  for (const item of bad) assertEquals(past.get(item.name), item);
  assertEquals([past.get("good 4"), past.get("good 5")?.name], [undefined, "good 5"]);
  for (let i = 0; i < KEPT_MAX - 5; i++) past.keep(itemOf(`worse ${i}`, "expired"));
  assertEquals([past.get("bad 4"), past.get("bad 5")], [undefined, bad[5]]);
});

Deno.test("very long names are fewer", () => {
  const past = new EndedLocks<Item>(1);
  const name = (i: number) => `${i} ${"x".repeat(1_000_000)}`;
  for (let i = 0; i < 40; i++) past.keep(itemOf(name(i), "lost"));
  const kept = Array.from({ length: 40 }, (_, i) => i).filter((i) =>
    past.get(name(i)) !== undefined
  );
  assert(kept.length > 5 && kept.length < 20, `${kept}`);
  assertEquals(kept.at(-1), 39);
});
