/** The tournament against a look at all items: random changes, the same best and the same next. */
import { Tournament } from "../../lib/collections/tournament.ts";
import { assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const STEPS = 1_500;
/** Around and beyond a power of two, so that the tree grows several times. */
const ITEMS_MAX = 35;
/** Some behind the last item. */
const PLACES = Array.from({ length: ITEMS_MAX + 2 }, (_, place) => place);
/** Few, so that there are ties. */
const RANKS = 5;

/** Items in a list, with a rank while they take part: the lowest is the best. */
type Items = { rank: number; takesPart: boolean }[];

function tournamentOf(items: Items): Tournament {
  return new Tournament((a, b) => items[a]!.rank < items[b]!.rank);
}

function best(items: Items): number {
  const members = [...items.keys()].filter((index) => items[index]!.takesPart);
  const lowest = Math.min(...members.map((index) => items[index]!.rank));
  return members.find((index) => items[index]!.rank === lowest) ?? -1;
}

/** Who wins, who takes part, and the next one from each place on. */
function told(items: Items): unknown {
  const takesPart = (place: number) => items[place]?.takesPart ?? false;
  const next = (from: number) => PLACES.find((place) => place >= from && takesPart(place)) ?? -1;
  return [best(items), PLACES.map(takesPart), PLACES.map(next)];
}

function toldBy(tournament: Tournament): unknown {
  const members = PLACES.map((place) => tournament.has(place));
  return [tournament.winner, members, PLACES.map((place) => tournament.next(place))];
}

/** One change of the items, and what is said to the tournament of it. */
function change(items: Items, tournament: Tournament, random: () => number): string {
  const [kind, index, rank] = [
    below(random, 40),
    below(random, items.length),
    below(random, RANKS),
  ];
  const item = items[index];
  if (item === undefined || (kind < 4 && items.length < ITEMS_MAX)) {
    items.push({ rank, takesPart: kind !== 0 });
    tournament.set(items.length - 1, kind !== 0, kind !== 1);
    return "a new one at the end";
  }
  if (kind < 6) {
    items.splice(index, 1);
    tournament.remove(index);
    return `remove ${index}`;
  }
  if (kind === 6) {
    for (const item of items) item.rank = below(random, RANKS);
    tournament.replay();
    return "replay";
  }
  if (kind < 15) {
    item.takesPart = false;
    tournament.set(index, false, pick(random, [false, true]));
    return `${index} leaves`;
  }
  // Only who stays with the rank it has may say that it has not moved.
  const stays = item.takesPart && item.rank === rank;
  Object.assign(item, { rank, takesPart: true });
  tournament.set(index, true, !stays);
  return `${index} has rank ${rank}`;
}

for (const [run, seed] of someSeeds().entries()) {
  Deno.test(`a tournament tells what a look at all items tells, run ${run + 1}`, () => {
    const random = seededRandom(seed);
    const items: Items = [];
    const tournament = tournamentOf(items);
    for (let step = 0; step < STEPS; step++) {
      const what = change(items, tournament, random);
      assertEquals(toldBy(tournament), told(items), `seed ${seed}, step ${step}: ${what}`);
    }
  });
}

/** A tournament of these ranks where all take part. */
function allOf(...ranks: number[]): [Tournament, Items] {
  const items = ranks.map((rank) => ({ rank, takesPart: true }));
  const tournament = tournamentOf(items);
  for (const index of items.keys()) tournament.set(index, true, false);
  return [tournament, items];
}

Deno.test("nobody wins where nobody takes part", () => {
  const [tournament] = allOf();
  assertEquals([tournament.winner, tournament.next(0), tournament.next(7)], [-1, -1, -1]);
  assertEquals([tournament.has(0), tournament.has(7)], [false, false]);
  tournament.set(7, false, true);
  tournament.replay();
  tournament.remove(0);
  assertEquals(tournament.winner, -1);
});

Deno.test("the best wins; ties go to the lower index", () => {
  assertEquals(allOf(3, 1, 2, 1)[0].winner, 1);
  assertEquals(allOf(2, 2, 2, 2, 2)[0].winner, 0);
  assertEquals(allOf(1, 1, 1, 1, 0)[0].winner, 4);
});

Deno.test("a rank that gets worse or better is seen when it is told", () => {
  const [tournament, items] = allOf(3, 1, 2);
  items[1]!.rank = 4;
  tournament.set(1, true, true);
  assertEquals(tournament.winner, 2);
  items[0]!.rank = 0;
  tournament.set(0, true, true);
  assertEquals(tournament.winner, 0);
});

Deno.test("remove moves those behind it up", () => {
  const [tournament, items] = allOf(3, 2, 1);
  tournament.set(1, false, false);
  items.splice(0, 1);
  tournament.remove(0);
  assertEquals([tournament.winner, tournament.has(0), tournament.next(0)], [1, false, 1]);
});

Deno.test("an item far behind all others grows the tree at once", () => {
  const [tournament, items] = allOf(1, 1);
  items[1000] = { rank: 0, takesPart: true };
  tournament.set(1000, true, false);
  assertEquals([tournament.winner, tournament.next(2), tournament.has(999)], [1000, 1000, false]);
  tournament.set(1000, false, true);
  assertEquals([tournament.winner, tournament.next(2)], [0, -1]);
});
