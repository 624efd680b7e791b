/** Tournament against a search of all items: random changes, the same winner and the same next. */
import { Tournament } from "../../lib/collections/tournament.ts";
import { assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const STEPS = 1_500;
/** Beyond a power of two, so that the tree grows several times. */
const ITEMS_MAX = 35;
/** All indices, and some beyond the last item. */
const INDICES = Array.from({ length: ITEMS_MAX + 2 }, (_, index) => index);
/** Few, so that there are ties. */
const RANKS = 5;

/** Items, with a rank while they are active; the lowest rank wins. */
type Items = { rank: number; isActive: boolean }[];

function tournamentOf(items: Items): Tournament {
  return new Tournament((a, b) => items[a]!.rank < items[b]!.rank);
}

function best(items: Items): number {
  const members = [...items.keys()].filter((index) => items[index]!.isActive);
  const lowest = Math.min(...members.map((index) => items[index]!.rank));
  return members.find((index) => items[index]!.rank === lowest) ?? -1;
}

/** Returns the winner, which items are active, and the next active one from each index on. */
function expectedState(items: Items): unknown {
  const isActive = (index: number) => items[index]?.isActive ?? false;
  const next = (from: number) => INDICES.find((index) => index >= from && isActive(index)) ?? -1;
  return [best(items), INDICES.map(isActive), INDICES.map(next)];
}

function stateOf(tournament: Tournament): unknown {
  const members = INDICES.map((index) => tournament.has(index));
  return [tournament.winner, members, INDICES.map((index) => tournament.next(index))];
}

/** Changes the items at random, and tells the tournament. Returns a description. */
function change(items: Items, tournament: Tournament, random: () => number): string {
  const [kind, index, rank] = [
    below(random, 40),
    below(random, items.length),
    below(random, RANKS),
  ];
  const item = items[index];
  if (item === undefined || (kind < 4 && items.length < ITEMS_MAX)) {
    items.push({ rank, isActive: kind !== 0 });
    tournament.set(items.length - 1, kind !== 0, kind !== 1);
    return "add";
  }
  if (kind < 6) {
    items.splice(index, 1);
    tournament.remove(index);
    return `remove ${index}`;
  }
  if (kind === 6) {
    for (const item of items) item.rank = below(random, RANKS);
    tournament.rebuild();
    return "rebuild";
  }
  if (kind < 15) {
    item.isActive = false;
    tournament.set(index, false, pick(random, [false, true]));
    return `deactivate ${index}`;
  }
  // Only an active item that keeps its rank may be set with `hasNewRank` false.
  const keepsRank = item.isActive && item.rank === rank;
  Object.assign(item, { rank, isActive: true });
  tournament.set(index, true, !keepsRank);
  return `rank ${index} as ${rank}`;
}

for (const [run, seed] of someSeeds().entries()) {
  Deno.test(`a Tournament agrees with a search of all items, run ${run + 1}`, () => {
    const random = seededRandom(seed);
    const items: Items = [];
    const tournament = tournamentOf(items);
    for (let step = 0; step < STEPS; step++) {
      const description = change(items, tournament, random);
      assertEquals(
        stateOf(tournament),
        expectedState(items),
        `seed ${seed}, step ${step}: ${description}`,
      );
    }
  });
}

/** Returns a tournament of active items with these ranks. */
function allOf(...ranks: number[]): [Tournament, Items] {
  const items = ranks.map((rank) => ({ rank, isActive: true }));
  const tournament = tournamentOf(items);
  for (const index of items.keys()) tournament.set(index, true, false);
  return [tournament, items];
}

Deno.test("winner, next() and has() find nothing without active items", () => {
  const [tournament] = allOf();
  assertEquals([tournament.winner, tournament.next(0), tournament.next(7)], [-1, -1, -1]);
  assertEquals([tournament.has(0), tournament.has(7)], [false, false]);
  tournament.set(7, false, true);
  tournament.rebuild();
  tournament.remove(0);
  assertEquals(tournament.winner, -1);
});

Deno.test("winner is the best item, and of several best ones the first", () => {
  assertEquals(allOf(3, 1, 2, 1)[0].winner, 1);
  assertEquals(allOf(2, 2, 2, 2, 2)[0].winner, 0);
  assertEquals(allOf(1, 1, 1, 1, 0)[0].winner, 4);
});

Deno.test("set() takes a better or a worse rank into account", () => {
  const [tournament, items] = allOf(3, 1, 2);
  items[1]!.rank = 4;
  tournament.set(1, true, true);
  assertEquals(tournament.winner, 2);
  items[0]!.rank = 0;
  tournament.set(0, true, true);
  assertEquals(tournament.winner, 0);
});

Deno.test("remove() decreases the indices behind the item", () => {
  const [tournament, items] = allOf(3, 2, 1);
  tournament.set(1, false, false);
  items.splice(0, 1);
  tournament.remove(0);
  assertEquals([tournament.winner, tournament.has(0), tournament.next(0)], [1, false, 1]);
});

Deno.test("set() grows the tree at once for an index far beyond all others", () => {
  const [tournament, items] = allOf(1, 1);
  items[1000] = { rank: 0, isActive: true };
  tournament.set(1000, true, false);
  assertEquals([tournament.winner, tournament.next(2), tournament.has(999)], [1000, 1000, false]);
  tournament.set(1000, false, true);
  assertEquals([tournament.winner, tournament.next(2)], [0, -1]);
});
