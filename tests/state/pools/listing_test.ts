/**
 * Long lists that are read while they change: what is there all the time is met exactly once, what
 * comes or goes at most once, and there is an end.
 */
import { LISTING_BATCH_MAX } from "../../../lib/limits.ts";
import { clear, consume, freeResource, releaseResource } from "../../../lib/state/pools/assign.ts";
import { MadeWalk, SessionWalk } from "../../../lib/state/pools/listing.ts";
import { isRefused, type Pools, type PoolSession } from "../../../lib/state/pools/model.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setUsed } from "../../../lib/state/pools/run_time.ts";
import { expire } from "../../../lib/state/pools/sessions.ts";
import { addPool, dropPool, newPools, setMode } from "../../../lib/state/pools/table.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { below, seededRandom, someSeeds } from "../../support/random.ts";

const CONSUMERS = 5 * LISTING_BATCH_MAX;
const LATENCY_MS = 1_000_000;

/** A pool `p` with a resource `r` that holds `user-0` to `user-N`, a millisecond apart. */
function crowd(count = CONSUMERS): Pools {
  const pools = newPools({ latencyMs: LATENCY_MS, seed: "weighted", mode: "sticky" });
  addPool(pools, "p");
  setResource(pools, "r", 100 * CONSUMERS, "p");
  for (let i = 0; i < count; i++) consume(pools, "p", `user-${i}`, i);
  return pools;
}

/** All that a walk meets; `meanwhile` is done after each look. */
function walked(pools: Pools, meanwhile: () => void = () => {}): string[] {
  const walk = new SessionWalk("p", "r");
  const met: PoolSession[] = [];
  while (!walk.isOver) {
    met.push(...walk.next(pools));
    meanwhile();
  }
  assertEquals(new Set(met).size, met.length, "no session is met twice");
  return met.map(({ consumer }) => consumer);
}

function users(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `user-${from + i}`);
}

Deno.test("a list that nobody changes is met as it is, a look at a time", () => {
  const walk = new SessionWalk("p", "r");
  const pools = crowd();
  const looks: number[] = [];
  while (!walk.isOver) looks.push(walk.next(pools).length);
  assertEquals(looks.filter((met) => met > 0), [1, 2, 3, 4, 5].map(() => LISTING_BATCH_MAX));
  assertEquals(walked(pools), users(0, CONSUMERS));
});

Deno.test("no pool, no resource and nobody there are lists without an entry", () => {
  assertEquals(walked(crowd(0)), []);
  const pools = crowd();
  assertEquals(new SessionWalk("q", "r").next(pools), []);
  assertEquals(new SessionWalk("p", "s").next(pools), []);
});

Deno.test("whoever is renewed before us and behind us is met once", () => {
  const pools = crowd();
  let turn = 0;
  const met = walked(pools, () => {
    // The one that was met last, one long met, and two that are still to be met.
    for (const at of [LISTING_BATCH_MAX * ++turn - 1, 0, LISTING_BATCH_MAX * turn + 3, CONSUMERS - 1]) {
      if (at < CONSUMERS) consume(pools, "p", `user-${at}`, CONSUMERS + turn);
    }
  });
  assertEquals(met.toSorted(), users(0, CONSUMERS).toSorted());
});

Deno.test("a crowd that is renewed all the time is met to its end", () => {
  const pools = crowd();
  let turn = 0;
  const met = walked(pools, () => {
    for (let i = 0; i < CONSUMERS; i++) consume(pools, "p", `user-${i}`, CONSUMERS + ++turn);
  });
  assertEquals(met.toSorted(), users(0, CONSUMERS).toSorted());
});

Deno.test("those who come meanwhile do not keep the walk from ending", () => {
  const pools = crowd();
  let guests = 0;
  const met = walked(pools, () => {
    for (let i = 0; i < 2 * LISTING_BATCH_MAX && guests < 40 * CONSUMERS; i++) {
      consume(pools, "p", `guest-${guests++}`, CONSUMERS);
    }
  });
  assert(guests < 40 * CONSUMERS, "it has ended before they did");
  assertEquals(met.filter((name) => name.startsWith("user")), users(0, CONSUMERS));
});

Deno.test("when all have gone, or the resource or the pool has, the walk is over", () => {
  const ends: ((pools: Pools) => unknown)[] = [
    (pools) => clear(pools),
    (pools) => freeResource(pools, CONSUMERS, "p"),
    (pools) => dropResource(pools, "r"),
    (pools) => dropPool(pools, "p"),
    (pools) => expire(pools, 2 * LATENCY_MS),
    (pools) => {
      dropPool(pools, "p");
      addPool(pools, "p");
      setResource(pools, "r", 1, "p");
    },
  ];
  for (const end of ends) {
    const pools = crowd();
    assertEquals(walked(pools, () => end(pools)), users(0, LISTING_BATCH_MAX), String(end));
  }
});

Deno.test("whoever stays is met once, whatever the others do", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    const pools = crowd();
    const staying = new Set(users(0, CONSUMERS));
    let nowMs = CONSUMERS;
    const meanwhile = () => {
      for (let left = below(random, 300); left > 0; left--) {
        const user = `user-${below(random, CONSUMERS)}`;
        const chance = below(random, 10);
        if (chance === 0) staying.delete(user);
        if (chance === 0) releaseResource(pools, "p", user);
        else if (chance < 5 && staying.has(user)) consume(pools, "p", user, ++nowMs);
        else if (chance < 8) consume(pools, "p", `guest-${below(random, 50)}`, ++nowMs);
        else releaseResource(pools, "p", `guest-${below(random, 50)}`);
      }
    };
    const met = walked(pools, meanwhile);
    const times = Map.groupBy(met, (name) => name);
    for (const user of staying) assertEquals(times.get(user)?.length, 1, `seed ${seed}, ${user}`);
  }
});

Deno.test("whoever stays is met once while others have to make room, and are put back when none can", () => {
  const pools = crowd();
  setResource(pools, "r", CONSUMERS, "p");
  setMode(pools, CONSUMERS, "p");
  let [nowMs, guests, refusals] = [CONSUMERS, 0, 0];
  const met = walked(pools, () => {
    // Those who stay are renewed; the others, each third, are the oldest soon.
    for (let i = 0; i < CONSUMERS; i++) {
      if (i % 3 > 0) consume(pools, "p", `user-${i}`, ++nowMs);
    }
    for (let left = 100; left > 0; left--) consume(pools, "p", `guest-${guests++}`, ++nowMs);
    // Two would have to end, and then there would still be no room: nothing happens.
    setMode(pools, CONSUMERS - 1, "p");
    setUsed(pools, "r", 2 * CONSUMERS, "p");
    if (isRefused(consume(pools, "p", "nobody", ++nowMs))) refusals++;
    setUsed(pools, "r", pools.byName.get("p")!.sessions.size, "p");
    setMode(pools, CONSUMERS, "p");
  });
  assert(guests > 0 && refusals > 0 && refusals === guests / 100, "room was asked for");
  const times = Map.groupBy(met, (name) => name);
  for (const [i, user] of users(0, CONSUMERS).entries()) {
    const count = times.get(user)?.length ?? 0;
    assert(i % 3 > 0 ? count === 1 : count <= 1, user);
  }
});

Deno.test("resources that stay are met once, in their order, and new ones not at all", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    const pools = crowd(0);
    const staying = new Set(Array.from({ length: 3 * LISTING_BATCH_MAX }, (_, i) => `host-${i}`));
    for (const name of staying) setResource(pools, name, 1, "p");
    dropResource(pools, "r");
    const walk = new MadeWalk(pools);
    const met: string[] = [];
    for (let turn = 0; !walk.isOver; turn++) {
      met.push(...walk.next(pools.byName.get("p")!.resources).map(({ name }) => name));
      for (let i = 0; i < 50; i++) {
        const name = `host-${below(random, 3 * LISTING_BATCH_MAX)}`;
        staying.delete(name);
        dropResource(pools, name);
        if (i % 2 === 0) setResource(pools, name, 1, "p");
        setResource(pools, `new-${turn}-${i}`, 1, "p");
      }
    }
    assertEquals(met.filter((name) => staying.has(name)), [...staying], `seed ${seed}`);
    assertEquals(met.filter((name) => name.startsWith("new")), []);
    assertEquals(new Set(met).size, met.length);
  }
});
