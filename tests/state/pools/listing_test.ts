/**
 * Cursors over long lists that change meanwhile: entries that stay are returned exactly once,
 * entries that come or go at most once, and the end is reached.
 */
import { LISTING_BATCH_MAX } from "../../../lib/limits.ts";
import { clear, consume, freeResource, releaseResource } from "../../../lib/state/pools/assign.ts";
import { CreationCursor, SessionCursor } from "../../../lib/state/pools/listing.ts";
import { isRefusal, type Pools, type PoolSession } from "../../../lib/state/pools/model.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setUsed } from "../../../lib/state/pools/run_time.ts";
import { expireSessions } from "../../../lib/state/pools/sessions.ts";
import { addPool, dropPool, newPools, setMode } from "../../../lib/state/pools/table.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { below, seededRandom, someSeeds } from "../../support/random.ts";

const CONSUMERS = 5 * LISTING_BATCH_MAX;
const LATENCY_MS = 1_000_000;

/** Returns a pool `p` with a resource `r` that has `user-0` to `user-N`, a millisecond apart. */
function crowdedPool(count = CONSUMERS): Pools {
  const pools = newPools({ latencyMs: LATENCY_MS, seed: "weighted", mode: "sticky" });
  addPool(pools, "p");
  setResource(pools, "r", 100 * CONSUMERS, "p");
  for (let i = 0; i < count; i++) consume(pools, "p", `user-${i}`, i);
  return pools;
}

/** Returns all consumers that a cursor returns; calls `meanwhile` after each batch. */
function readAll(pools: Pools, meanwhile: () => void = () => {}): string[] {
  const cursor = new SessionCursor("p", "r");
  const sessions: PoolSession[] = [];
  while (!cursor.isDone) {
    sessions.push(...cursor.next(pools));
    meanwhile();
  }
  assertEquals(new Set(sessions).size, sessions.length, "no session twice");
  return sessions.map(({ consumer }) => consumer);
}

function users(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `user-${from + i}`);
}

Deno.test("SessionCursor returns an unchanged list in batches", () => {
  const cursor = new SessionCursor("p", "r");
  const pools = crowdedPool();
  const sizes: number[] = [];
  while (!cursor.isDone) sizes.push(cursor.next(pools).length);
  assertEquals(sizes.filter((size) => size > 0), [1, 2, 3, 4, 5].map(() => LISTING_BATCH_MAX));
  assertEquals(readAll(pools), users(0, CONSUMERS));
});

Deno.test("SessionCursor returns nothing without a pool, a resource or a session", () => {
  assertEquals(readAll(crowdedPool(0)), []);
  const pools = crowdedPool();
  assertEquals(new SessionCursor("q", "r").next(pools), []);
  assertEquals(new SessionCursor("p", "s").next(pools), []);
});

Deno.test("SessionCursor returns sessions once that are renewed before and behind it", () => {
  const pools = crowdedPool();
  let round = 0;
  const found = readAll(pools, () => {
    // The session returned last, one returned long ago, and two that are still to be returned.
    for (
      const at of [LISTING_BATCH_MAX * ++round - 1, 0, LISTING_BATCH_MAX * round + 3, CONSUMERS - 1]
    ) {
      if (at < CONSUMERS) consume(pools, "p", `user-${at}`, CONSUMERS + round);
    }
  });
  assertEquals(found.toSorted(), users(0, CONSUMERS).toSorted());
});

Deno.test("SessionCursor reaches the end while all sessions are renewed all the time", () => {
  const pools = crowdedPool();
  let round = 0;
  const found = readAll(pools, () => {
    for (let i = 0; i < CONSUMERS; i++) consume(pools, "p", `user-${i}`, CONSUMERS + ++round);
  });
  assertEquals(found.toSorted(), users(0, CONSUMERS).toSorted());
});

Deno.test("SessionCursor reaches the end while sessions keep being added", () => {
  const pools = crowdedPool();
  let guests = 0;
  const found = readAll(pools, () => {
    for (let i = 0; i < 2 * LISTING_BATCH_MAX && guests < 40 * CONSUMERS; i++) {
      consume(pools, "p", `guest-${guests++}`, CONSUMERS);
    }
  });
  assert(guests < 40 * CONSUMERS, "the cursor ends first");
  assertEquals(found.filter((name) => name.startsWith("user")), users(0, CONSUMERS));
});

Deno.test("SessionCursor ends when all sessions, the resource or the pool are gone", () => {
  const ends: ((pools: Pools) => unknown)[] = [
    (pools) => clear(pools),
    (pools) => freeResource(pools, CONSUMERS, "p"),
    (pools) => dropResource(pools, "r"),
    (pools) => dropPool(pools, "p"),
    (pools) => expireSessions(pools, 2 * LATENCY_MS),
    (pools) => {
      dropPool(pools, "p");
      addPool(pools, "p");
      setResource(pools, "r", 1, "p");
    },
  ];
  for (const end of ends) {
    const pools = crowdedPool();
    assertEquals(readAll(pools, () => end(pools)), users(0, LISTING_BATCH_MAX), String(end));
  }
});

Deno.test("SessionCursor returns sessions that stay once, whatever happens to the others", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    const pools = crowdedPool();
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
    const found = readAll(pools, meanwhile);
    const times = Map.groupBy(found, (name) => name);
    for (const user of staying) assertEquals(times.get(user)?.length, 1, `seed ${seed}, ${user}`);
  }
});

Deno.test("SessionCursor returns sessions that stay once while others are evicted", () => {
  const pools = crowdedPool();
  setResource(pools, "r", CONSUMERS, "p");
  setMode(pools, CONSUMERS, "p");
  let [nowMs, guests, refusals] = [CONSUMERS, 0, 0];
  const found = readAll(pools, () => {
    // The sessions that stay are renewed; so every third session is among the oldest.
    for (let i = 0; i < CONSUMERS; i++) {
      if (i % 3 > 0) consume(pools, "p", `user-${i}`, ++nowMs);
    }
    for (let left = 100; left > 0; left--) consume(pools, "p", `guest-${guests++}`, ++nowMs);
    // Two sessions would be evicted and there would still be no room: the evictions are undone.
    setMode(pools, CONSUMERS - 1, "p");
    setUsed(pools, "r", 2 * CONSUMERS, "p");
    if (isRefusal(consume(pools, "p", "nobody", ++nowMs))) refusals++;
    setUsed(pools, "r", pools.byName.get("p")!.sessions.size, "p");
    setMode(pools, CONSUMERS, "p");
  });
  assert(guests > 0 && refusals > 0 && refusals === guests / 100, "consume() had to make room");
  const times = Map.groupBy(found, (name) => name);
  for (const [i, user] of users(0, CONSUMERS).entries()) {
    const count = times.get(user)?.length ?? 0;
    assert(i % 3 > 0 ? count === 1 : count <= 1, user);
  }
});

Deno.test("CreationCursor returns resources that stay once, in order, and no new ones", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    const pools = crowdedPool(0);
    const staying = new Set(Array.from({ length: 3 * LISTING_BATCH_MAX }, (_, i) => `host-${i}`));
    for (const name of staying) setResource(pools, name, 1, "p");
    dropResource(pools, "r");
    const cursor = new CreationCursor(pools);
    const found: string[] = [];
    for (let round = 0; !cursor.isDone; round++) {
      found.push(...cursor.next(pools.byName.get("p")!.resources).map(({ name }) => name));
      for (let i = 0; i < 50; i++) {
        const name = `host-${below(random, 3 * LISTING_BATCH_MAX)}`;
        staying.delete(name);
        dropResource(pools, name);
        if (i % 2 === 0) setResource(pools, name, 1, "p");
        setResource(pools, `new-${round}-${i}`, 1, "p");
      }
    }
    assertEquals(found.filter((name) => staying.has(name)), [...staying], `seed ${seed}`);
    assertEquals(found.filter((name) => name.startsWith("new")), []);
    assertEquals(new Set(found).size, found.length);
  }
});
