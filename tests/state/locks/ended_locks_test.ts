/** The memory of ended locks: it is bounded, and evicts the oldest first. */
import { ENDED_LOCKS_MAX } from "../../../lib/limits.ts";
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

Deno.test("take() returns an added lock once", () => {
  const ended = new EndedLocks<Item>(1);
  assertEquals([ended.get("a"), ended.take("a")], [undefined, undefined]);
  const item = itemOf("a", "closed");
  ended.add(item);
  assertEquals([ended.get("a"), ended.take("a"), ended.get("a")], [item, item, undefined]);
});

Deno.test("add() evicts the oldest, and released locks evict none that ended otherwise", () => {
  const ended = new EndedLocks<Item>(1);
  const lost = Array.from({ length: 10 }, (_, i) => itemOf(`lost ${i}`, "lost"));
  for (const item of lost) ended.add(item);
  for (let i = 0; i < ENDED_LOCKS_MAX + 5; i++) ended.add(itemOf(`released ${i}`, "released"));
  for (const item of lost) assertEquals(ended.get(item.name), item);
  assertEquals([ended.get("released 4"), ended.get("released 5")?.name], [undefined, "released 5"]);
  for (let i = 0; i < ENDED_LOCKS_MAX - 5; i++) ended.add(itemOf(`expired ${i}`, "expired"));
  assertEquals([ended.get("lost 4"), ended.get("lost 5")], [undefined, lost[5]]);
});

Deno.test("add() evicts by the total length of the names", () => {
  const ended = new EndedLocks<Item>(1);
  const name = (i: number) => `${i} ${"x".repeat(1_000_000)}`;
  for (let i = 0; i < 40; i++) ended.add(itemOf(name(i), "lost"));
  const kept = Array.from({ length: 40 }, (_, i) => i).filter((i) =>
    ended.get(name(i)) !== undefined
  );
  assert(kept.length > 5 && kept.length < 20, `${kept}`);
  assertEquals(kept.at(-1), 39);
});
