/** Sessions: how they begin, are renewed and end, and when their time is over. */
import { clear, consume, freeResource, releaseResource } from "../../../lib/state/pools/assign.ts";
import type { PoolSession } from "../../../lib/state/pools/model.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen } from "../../../lib/state/pools/run_time.ts";
import {
  begin,
  end,
  endAll,
  endMs,
  endSessions,
  expire,
  forget,
  oldestOf,
  putBack,
  renew,
  takeOut,
} from "../../../lib/state/pools/sessions.ts";
import { addPool, dropPool, newPools, setLatency } from "../../../lib/state/pools/table.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { dump } from "../../support/pool_dump.ts";
import { assertLaws } from "../../support/pool_model_laws.ts";
import { World } from "../../support/pools.ts";

/** Ten seconds of latency; consumers of p come a second after each other, to a and b in turn. */
function filled(...consumers: string[]): World {
  const description = { p: { a: 9, b: 9 }, q: { a: 9 } };
  const world = new World(description, { seed: "parallel", latencyMs: 10_000 });
  for (const consumer of consumers) {
    world.consume("p", consumer);
    world.pass(1000);
  }
  return world;
}

function sessionOf(world: World, consumer: string): PoolSession {
  return world.pool("p").sessions.get(consumer)!;
}

Deno.test("a session that begins is the youngest, and counts", () => {
  const world = filled("ada", "bob");
  world.given((pools) => begin(pools, world.resource("p", "a"), "cyd", 2000));
  assertEquals([world.holders("p"), world.uses("p")], ["ada@a bob@b cyd@a", "a=2/9 b=1/9"]);
  assertEquals(endMs(sessionOf(world, "cyd")), 12_000);
});

Deno.test("a session that is renewed is the youngest, with a new end", () => {
  const cases: [consumer: string, holders: string][] = [
    ["ada", "bob@b cyd@a dan@b eve@a ada@a"],
    ["bob", "ada@a cyd@a dan@b eve@a bob@b"],
    ["cyd", "ada@a bob@b dan@b eve@a cyd@a"],
    ["eve", "ada@a bob@b cyd@a dan@b eve@a"],
  ];
  for (const [consumer, holders] of cases) {
    const world = filled("ada", "bob", "cyd", "dan", "eve");
    world.given((pools) => renew(pools, sessionOf(world, consumer), 5000));
    assertEquals([world.holders("p"), world.uses("p")], [holders, "a=3/9 b=2/9"]);
    assertEquals(endMs(sessionOf(world, consumer)), 15_000);
  }
});

Deno.test("a session that ends leaves the others in their order", () => {
  const cases: [consumer: string, holders: string, uses: string][] = [
    ["ada", "bob@b cyd@a dan@b eve@a", "a=2/9 b=2/9"],
    ["cyd", "ada@a bob@b dan@b eve@a", "a=2/9 b=2/9"],
    ["eve", "ada@a bob@b cyd@a dan@b", "a=2/9 b=2/9"],
    ["dan", "ada@a bob@b cyd@a eve@a", "a=3/9 b=1/9"],
  ];
  for (const [consumer, holders, uses] of cases) {
    const world = filled("ada", "bob", "cyd", "dan", "eve");
    world.given(() => end(sessionOf(world, consumer)));
    assertEquals([world.holders("p"), world.uses("p")], [holders, uses], consumer);
  }
});

Deno.test("sessions that were taken out come back in reverse order, as if nothing had been", () => {
  for (const names of ["ada", "cyd", "eve", "ada cyd", "cyd ada", "bob dan ada cyd eve"]) {
    const world = filled("ada", "bob", "cyd", "dan", "eve");
    const before = dump(world.pools);
    const gone = names.split(" ").map((name) => sessionOf(world, name));
    for (const session of gone) takeOut(session);
    for (const session of gone.toReversed()) putBack(session);
    assertEquals(dump(world.pools), before, names);
  }
});

Deno.test("endSessions ends those on one resource, endAll those of one pool", () => {
  const world = filled("ada", "bob", "cyd");
  world.consume("q", "ada");
  world.given(() => endSessions([world.resource("p", "a")]));
  assertEquals([world.holders("p"), world.holders("q")], ["bob@b", "ada@a"]);
  assertEquals(world.ask(() => endSessions([world.resource("p", "a")])), "nothing");
  world.given(() => endAll(world.pools, [world.pool("p")]));
  assertEquals([world.holders("p"), world.holders("q")], ["", "ada@a"]);
  assertEquals(world.ask(() => endAll(world.pools, [world.pool("p")])), "nothing");
});

Deno.test("a seat is given back by an end and by nothing else, and the lowest numbers go on", () => {
  const world = filled("ada", "bob", "cyd", "dan", "eve"); // ada, cyd and eve have a
  const told = () => {
    const { oldest, seats, freeSeats } = world.resource("p", "a");
    const taken: string[] = [];
    for (let its = oldest; its !== undefined; its = its.younger) {
      taken.push(its.consumer + its.seat);
    }
    return `${taken.join(" ")} of ${seats}, free ${freeSeats.join(" ")}`.trim();
  };
  assertEquals(told(), "ada0 cyd1 eve2 of 3, free");
  world.given((pools) => renew(pools, sessionOf(world, "ada"), 5000));
  assertEquals(told(), "cyd1 eve2 ada0 of 3, free");
  const gone = ["cyd", "ada", "eve"].map((name) => sessionOf(world, name));
  for (const session of gone) takeOut(session);
  for (const session of gone.toReversed()) putBack(session);
  assertEquals(told(), "cyd1 eve2 ada0 of 3, free");
  for (const session of gone.slice(0, 2)) takeOut(session);
  for (const session of gone.slice(0, 2)) forget(session);
  assertEquals(told(), "eve2 of 3, free 1 0");
  world.given((pools) => begin(pools, world.resource("p", "a"), "fay", 5000));
  world.given((pools) => begin(pools, world.resource("p", "a"), "gus", 5000));
  world.given((pools) => begin(pools, world.resource("p", "a"), "hal", 5000));
  assertEquals(told(), "eve2 fay0 gus1 hal3 of 4, free");
  world.given(() => end(sessionOf(world, "fay")));
  assertEquals(told(), "eve2 gus1 hal3 of 4, free 0");
});

Deno.test("when a resource has lost all its sessions, seats begin at 0 again", () => {
  const ends: ((world: World) => unknown)[] = [
    (world) => ["ada", "bob", "cyd"].forEach((name) => end(sessionOf(world, name))),
    (world) => {
      const gone = ["ada", "bob", "cyd"].map((name) => sessionOf(world, name));
      gone.forEach(takeOut);
      gone.forEach(forget);
    },
    ({ pools }) => clear(pools),
    ({ pools }) => endAll(pools, pools.list),
    (world) => endSessions(world.pool("p").resources),
    ({ pools }) => expire(pools, 99_000),
    ({ pools }) => [1, 1, 1].map((limit) => expire(pools, 99_000, limit)),
    ({ pools }) => freeResource(pools, 3, "p"),
    ({ pools }) => [1, 2].map((number) => freeResource(pools, number, "p")),
  ];
  for (const end of ends) {
    const world = filled("ada", "bob", "cyd");
    end(world);
    const { seats, freeSeats } = world.resource("p", "a");
    assertEquals([world.holders("p"), seats, freeSeats], ["", 0, []], String(end));
    world.consume("p", "dan");
    assertEquals(sessionOf(world, "dan").seat, 0, String(end));
  }
});

Deno.test("the oldest of a pool is the one with the oldest contact on any resource", () => {
  const world = filled("ada", "bob", "cyd");
  const told: (string | undefined)[] = [];
  for (const consumer of ["ada", "bob", "cyd", "ada"]) {
    told.push(oldestOf(world.pool("p"))?.consumer);
    world.consume("p", consumer);
  }
  assertEquals(told, ["ada", "bob", "cyd", "ada"]);
  assertEquals(oldestOf(world.pool("q")), undefined);
});

Deno.test("a session is over at the very moment when the latency has passed", () => {
  const cases: [nowMs: number, holders: string][] = [
    [9_999, "ada@a bob@b cyd@a"],
    [10_000, "bob@b cyd@a"],
    [10_999, "bob@b cyd@a"],
    [11_000, "cyd@a"],
    [12_000, ""],
    [99_000, ""],
  ];
  for (const [nowMs, holders] of cases) {
    const world = filled("ada", "bob", "cyd");
    world.nowMs = nowMs;
    assertEquals(world.holders("p"), holders, `${nowMs}`);
  }
});

Deno.test("the latency counts from the last contact", () => {
  const world = filled("ada", "bob", "cyd");
  world.nowMs = 9_999;
  assertEquals(world.consume("p", "ada"), "a");
  for (const [nowMs, holders] of [[12_000, "ada@a"], [19_998, "ada@a"], [19_999, ""]] as const) {
    world.nowMs = nowMs;
    assertEquals(world.holders("p"), holders, `${nowMs}`);
  }
});

Deno.test("sessions on frozen and locked resources are over in their time", () => {
  const world = filled("ada", "bob").given(setFrozen, "a", "p", true).lock("p", "b");
  assertEquals(world.pass(9_000).holders("p"), "");
});

Deno.test("each pool has its own latency", () => {
  const world = filled("ada", "bob").given(setLatency, 3_000, "q");
  world.consume("q", "ada", "bob");
  assertEquals(world.pass(2_999).holders("q"), "ada@a bob@a");
  assertEquals([world.pass(1).holders("q"), world.holders("p")], ["", "ada@a bob@b"]);
  world.consume("q", "cyd");
  assertEquals([world.pass(5_000).holders("q"), world.holders("p")], ["", "bob@b"]);
});

Deno.test("a session that is over makes room, also where it shared a budget", () => {
  const world = new World({ p: { r: 1 }, q: { r: 1 } }, { coupled: ["r"], latencyMs: 5 });
  assertEquals(world.consume("p", "ada"), "r");
  assertEquals(world.pass(4).consume("q", "ada"), "no room");
  assertEquals([world.pass(1).consume("q", "ada"), world.holders("p")], ["r", ""]);
});

Deno.test("a pool that was emptied, dropped or made waits for its new sessions only", () => {
  const world = filled("ada", "bob").given(releaseResource, "p", "ada").given(releaseResource, "p", "bob");
  assertEquals(world.consume("p", "cyd"), "a");
  assertEquals([world.pass(9_999).holders("p"), world.pass(1).holders("p")], ["cyd@a", ""]);
  assertEquals(world.consume("p", "dan") + world.consume("q", "dan"), "ba");
  world.given(clear, "p").given(dropPool, "p").given(addPool, "p");
  assertEquals([world.pass(9_999).holders("q"), world.pass(1).holders("q")], ["dan@a", ""]);
});

Deno.test("expire ends no more than its limit, and says whether all is done", () => {
  const world = filled("ada", "bob", "cyd", "dan");
  const { pools } = world;
  const due: [nowMs: number, limit: number, isDone: boolean, left: number][] = [
    [9_999, 0, true, 4],
    [11_000, 0, false, 4],
    [11_000, 1, false, 3],
    [11_000, 1, true, 2],
    [11_000, 0, true, 2],
    [99_000, 2, true, 0],
    [99_000, 0, true, 0],
  ];
  for (const [nowMs, limit, isDone, left] of due) {
    const told = [expire(pools, nowMs, limit), world.pool("p").sessions.size];
    assertEquals(told, [isDone, left], `${nowMs}, ${limit}`);
  }
});

Deno.test("very many that are over at once end, and those who stay are as they were", () => {
  const cases: [staying: string[], limits: number[]][] = [
    [[], [Infinity]],
    [["user-7"], [Infinity]],
    [["user-0", "user-2499", "user-2998"], [Infinity]],
    [[], [0, 1, 1200, 1799, 0]],
    [["user-2999"], [1200, 1200, 1200]],
  ];
  for (const [staying, limits] of cases) {
    const pools = newPools({ latencyMs: 1000, seed: "serial", mode: "sticky" });
    addPool(pools, "p");
    for (const [name, quantity] of Object.entries({ a: 1, b: 2498, c: 9, d: 9000 })) {
      setResource(pools, name, quantity, "p");
    }
    for (let i = 0; i < 3000; i++) consume(pools, "p", `user-${i}`, i / 3000);
    setFrozen(pools, "b", "p", true);
    for (const name of staying) consume(pools, "p", name, 500);
    const held = () => pools.byName.get("p")!.sessions.size;
    const left = limits.map((limit) => {
      const before = held();
      const isDone = expire(pools, 1499, limit);
      assert(before - held() <= limit, "no more than the limit");
      assertEquals(isDone, held() === staying.length);
      return held();
    });
    assertEquals(left.at(-1), staying.length, `${limits}`);
    for (const name of staying) {
      assert(pools.byName.get("p")!.sessions.get(name) !== undefined, name);
    }
    assertLaws(pools);
    assert(expire(pools, 1500), "all have their end");
    assertEquals(held(), 0);
    assertLaws(pools);
  }
});

Deno.test("expire shares its limit among the pools", () => {
  const world = filled("ada", "bob");
  world.consume("q", "ada", "bob");
  const held = () => world.pool("p").sessions.size + world.pool("q").sessions.size;
  assertEquals([expire(world.pools, 99_000, 3), held()], [false, 1]);
  assertEquals([expire(world.pools, 99_000, 3), held()], [true, 0]);
});

Deno.test("without anything due, time changes nothing", () => {
  const world = filled("ada", "bob");
  const before = dump(world.pools);
  assertEquals([expire(world.pools, 9_999), dump(world.pools)], [true, before]);
  const empty = new World();
  assertEquals(expire(empty.pools, Number.MAX_SAFE_INTEGER), true);
});
