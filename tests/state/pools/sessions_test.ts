/** Sessions: how they begin, are renewed, end and expire. */
import { clear, consume, freeResource, releaseResource } from "../../../lib/state/pools/assign.ts";
import type { PoolSession } from "../../../lib/state/pools/model.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen } from "../../../lib/state/pools/run_time.ts";
import {
  beginSession,
  detachSession,
  discardSession,
  endAllSessions,
  endSession,
  endSessionsOn,
  expireSessions,
  oldestSession,
  reattachSession,
  renewSession,
  sessionEndMs,
} from "../../../lib/state/pools/sessions.ts";
import { addPool, dropPool, newPools, setLatency } from "../../../lib/state/pools/table.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { dump } from "../../support/pool_dump.ts";
import { assertLaws } from "../../support/pool_model_laws.ts";
import { PoolFixture } from "../../support/pools.ts";

/** Returns a latency of ten seconds, and consumers of p a second apart, on a and b in turn. */
function filled(...consumers: string[]): PoolFixture {
  const description = { p: { a: 9, b: 9 }, q: { a: 9 } };
  const fixture = new PoolFixture(description, { seed: "parallel", latencyMs: 10_000 });
  for (const consumer of consumers) {
    fixture.consume("p", consumer);
    fixture.advance(1000);
  }
  return fixture;
}

function sessionOf(fixture: PoolFixture, consumer: string): PoolSession {
  return fixture.pool("p").sessions.get(consumer)!;
}

Deno.test("beginSession() adds the youngest session and counts it", () => {
  const fixture = filled("ada", "bob");
  fixture.apply((pools) => beginSession(pools, fixture.resource("p", "a"), "cyd", 2000));
  assertEquals([fixture.sessions("p"), fixture.uses("p")], ["ada@a bob@b cyd@a", "a=2/9 b=1/9"]);
  assertEquals(sessionEndMs(sessionOf(fixture, "cyd")), 12_000);
});

Deno.test("renewSession() makes the session the youngest, with a new end", () => {
  const cases: [consumer: string, holders: string][] = [
    ["ada", "bob@b cyd@a dan@b eve@a ada@a"],
    ["bob", "ada@a cyd@a dan@b eve@a bob@b"],
    ["cyd", "ada@a bob@b dan@b eve@a cyd@a"],
    ["eve", "ada@a bob@b cyd@a dan@b eve@a"],
  ];
  for (const [consumer, holders] of cases) {
    const fixture = filled("ada", "bob", "cyd", "dan", "eve");
    fixture.apply((pools) => renewSession(pools, sessionOf(fixture, consumer), 5000));
    assertEquals([fixture.sessions("p"), fixture.uses("p")], [holders, "a=3/9 b=2/9"]);
    assertEquals(sessionEndMs(sessionOf(fixture, consumer)), 15_000);
  }
});

Deno.test("endSession() keeps the order of the others", () => {
  const cases: [consumer: string, holders: string, uses: string][] = [
    ["ada", "bob@b cyd@a dan@b eve@a", "a=2/9 b=2/9"],
    ["cyd", "ada@a bob@b dan@b eve@a", "a=2/9 b=2/9"],
    ["eve", "ada@a bob@b cyd@a dan@b", "a=2/9 b=2/9"],
    ["dan", "ada@a bob@b cyd@a eve@a", "a=3/9 b=1/9"],
  ];
  for (const [consumer, holders, uses] of cases) {
    const fixture = filled("ada", "bob", "cyd", "dan", "eve");
    fixture.apply(() => endSession(sessionOf(fixture, consumer)));
    assertEquals([fixture.sessions("p"), fixture.uses("p")], [holders, uses], consumer);
  }
});

Deno.test("reattachSession() in reverse order undoes detachSession()", () => {
  for (const names of ["ada", "cyd", "eve", "ada cyd", "cyd ada", "bob dan ada cyd eve"]) {
    const fixture = filled("ada", "bob", "cyd", "dan", "eve");
    const before = dump(fixture.pools);
    const gone = names.split(" ").map((name) => sessionOf(fixture, name));
    for (const session of gone) detachSession(session);
    for (const session of gone.toReversed()) reattachSession(session);
    assertEquals(dump(fixture.pools), before, names);
  }
});

Deno.test("endSessionsOn() empties a resource, endAllSessions() a pool", () => {
  const fixture = filled("ada", "bob", "cyd");
  fixture.consume("q", "ada");
  fixture.apply(() => endSessionsOn([fixture.resource("p", "a")]));
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["bob@b", "ada@a"]);
  assertEquals(fixture.attempt(() => endSessionsOn([fixture.resource("p", "a")])), "nothing");
  fixture.apply(() => endAllSessions(fixture.pools, [fixture.pool("p")]));
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["", "ada@a"]);
  assertEquals(
    fixture.attempt(() => endAllSessions(fixture.pools, [fixture.pool("p")])),
    "nothing",
  );
});

Deno.test("a slot is freed by the end of its session only, and low slots are reused", () => {
  const fixture = filled("ada", "bob", "cyd", "dan", "eve"); // ada, cyd and eve have a
  const slots = () => {
    const { oldest, slotCount, freeSlots } = fixture.resource("p", "a");
    const taken: string[] = [];
    for (let its = oldest; its !== undefined; its = its.younger) {
      taken.push(its.consumer + its.slot);
    }
    return `${taken.join(" ")} of ${slotCount}, free ${freeSlots.join(" ")}`.trim();
  };
  assertEquals(slots(), "ada0 cyd1 eve2 of 3, free");
  fixture.apply((pools) => renewSession(pools, sessionOf(fixture, "ada"), 5000));
  assertEquals(slots(), "cyd1 eve2 ada0 of 3, free");
  const gone = ["cyd", "ada", "eve"].map((name) => sessionOf(fixture, name));
  for (const session of gone) detachSession(session);
  for (const session of gone.toReversed()) reattachSession(session);
  assertEquals(slots(), "cyd1 eve2 ada0 of 3, free");
  for (const session of gone.slice(0, 2)) detachSession(session);
  for (const session of gone.slice(0, 2)) discardSession(session);
  assertEquals(slots(), "eve2 of 3, free 1 0");
  fixture.apply((pools) => beginSession(pools, fixture.resource("p", "a"), "fay", 5000));
  fixture.apply((pools) => beginSession(pools, fixture.resource("p", "a"), "gus", 5000));
  fixture.apply((pools) => beginSession(pools, fixture.resource("p", "a"), "hal", 5000));
  assertEquals(slots(), "eve2 fay0 gus1 hal3 of 4, free");
  fixture.apply(() => endSession(sessionOf(fixture, "fay")));
  assertEquals(slots(), "eve2 gus1 hal3 of 4, free 0");
});

Deno.test("slots start at 0 again when a resource has no sessions left", () => {
  const ends: ((fixture: PoolFixture) => unknown)[] = [
    (fixture) => ["ada", "bob", "cyd"].forEach((name) => endSession(sessionOf(fixture, name))),
    (fixture) => {
      const gone = ["ada", "bob", "cyd"].map((name) => sessionOf(fixture, name));
      gone.forEach(detachSession);
      gone.forEach(discardSession);
    },
    ({ pools }) => clear(pools),
    ({ pools }) => endAllSessions(pools, pools.list),
    (fixture) => endSessionsOn(fixture.pool("p").resources),
    ({ pools }) => expireSessions(pools, 99_000),
    ({ pools }) => [1, 1, 1].map((limit) => expireSessions(pools, 99_000, limit)),
    ({ pools }) => freeResource(pools, 3, "p"),
    ({ pools }) => [1, 2].map((number) => freeResource(pools, number, "p")),
  ];
  for (const end of ends) {
    const fixture = filled("ada", "bob", "cyd");
    end(fixture);
    const { slotCount, freeSlots } = fixture.resource("p", "a");
    assertEquals([fixture.sessions("p"), slotCount, freeSlots], ["", 0, []], String(end));
    fixture.consume("p", "dan");
    assertEquals(sessionOf(fixture, "dan").slot, 0, String(end));
  }
});

Deno.test("oldestSession() returns the oldest contact on any resource of the pool", () => {
  const fixture = filled("ada", "bob", "cyd");
  const oldest: (string | undefined)[] = [];
  for (const consumer of ["ada", "bob", "cyd", "ada"]) {
    oldest.push(oldestSession(fixture.pool("p"))?.consumer);
    fixture.consume("p", consumer);
  }
  assertEquals(oldest, ["ada", "bob", "cyd", "ada"]);
  assertEquals(oldestSession(fixture.pool("q")), undefined);
});

Deno.test("a session expires exactly when the latency has passed", () => {
  const cases: [nowMs: number, holders: string][] = [
    [9_999, "ada@a bob@b cyd@a"],
    [10_000, "bob@b cyd@a"],
    [10_999, "bob@b cyd@a"],
    [11_000, "cyd@a"],
    [12_000, ""],
    [99_000, ""],
  ];
  for (const [nowMs, holders] of cases) {
    const fixture = filled("ada", "bob", "cyd");
    fixture.nowMs = nowMs;
    assertEquals(fixture.sessions("p"), holders, `${nowMs}`);
  }
});

Deno.test("the latency counts from the last contact", () => {
  const fixture = filled("ada", "bob", "cyd");
  fixture.nowMs = 9_999;
  assertEquals(fixture.consume("p", "ada"), "a");
  for (const [nowMs, holders] of [[12_000, "ada@a"], [19_998, "ada@a"], [19_999, ""]] as const) {
    fixture.nowMs = nowMs;
    assertEquals(fixture.sessions("p"), holders, `${nowMs}`);
  }
});

Deno.test("sessions on frozen and locked resources expire too", () => {
  const fixture = filled("ada", "bob").apply(setFrozen, "a", "p", true).lock("p", "b");
  assertEquals(fixture.advance(9_000).sessions("p"), "");
});

Deno.test("each pool has its own latency", () => {
  const fixture = filled("ada", "bob").apply(setLatency, 3_000, "q");
  fixture.consume("q", "ada", "bob");
  assertEquals(fixture.advance(2_999).sessions("q"), "ada@a bob@a");
  assertEquals([fixture.advance(1).sessions("q"), fixture.sessions("p")], ["", "ada@a bob@b"]);
  fixture.consume("q", "cyd");
  assertEquals([fixture.advance(5_000).sessions("q"), fixture.sessions("p")], ["", "bob@b"]);
});

Deno.test("an expired session makes room, also in other pools of a coupled resource", () => {
  const fixture = new PoolFixture({ p: { r: 1 }, q: { r: 1 } }, { coupled: ["r"], latencyMs: 5 });
  assertEquals(fixture.consume("p", "ada"), "r");
  assertEquals(fixture.advance(4).consume("q", "ada"), "no room");
  assertEquals([fixture.advance(1).consume("q", "ada"), fixture.sessions("p")], ["r", ""]);
});

Deno.test("a pool that was cleared or created again expires only its new sessions", () => {
  const fixture = filled("ada", "bob").apply(releaseResource, "p", "ada").apply(
    releaseResource,
    "p",
    "bob",
  );
  assertEquals(fixture.consume("p", "cyd"), "a");
  assertEquals([fixture.advance(9_999).sessions("p"), fixture.advance(1).sessions("p")], [
    "cyd@a",
    "",
  ]);
  assertEquals(fixture.consume("p", "dan") + fixture.consume("q", "dan"), "ba");
  fixture.apply(clear, "p").apply(dropPool, "p").apply(addPool, "p");
  assertEquals([fixture.advance(9_999).sessions("q"), fixture.advance(1).sessions("q")], [
    "dan@a",
    "",
  ]);
});

Deno.test("expireSessions() ends at most its limit, and returns whether none are left", () => {
  const fixture = filled("ada", "bob", "cyd", "dan");
  const { pools } = fixture;
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
    const results = [expireSessions(pools, nowMs, limit), fixture.pool("p").sessions.size];
    assertEquals(results, [isDone, left], `${nowMs}, ${limit}`);
  }
});

Deno.test("expireSessions() ends very many sessions at once, and keeps the others", () => {
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
      const isDone = expireSessions(pools, 1499, limit);
      assert(before - held() <= limit, "no more than the limit");
      assertEquals(isDone, held() === staying.length);
      return held();
    });
    assertEquals(left.at(-1), staying.length, `${limits}`);
    for (const name of staying) {
      assert(pools.byName.get("p")!.sessions.get(name) !== undefined, name);
    }
    assertLaws(pools);
    assert(expireSessions(pools, 1500), "the rest expires");
    assertEquals(held(), 0);
    assertLaws(pools);
  }
});

Deno.test("expireSessions() applies its limit to all pools together", () => {
  const fixture = filled("ada", "bob");
  fixture.consume("q", "ada", "bob");
  const held = () => fixture.pool("p").sessions.size + fixture.pool("q").sessions.size;
  assertEquals([expireSessions(fixture.pools, 99_000, 3), held()], [false, 1]);
  assertEquals([expireSessions(fixture.pools, 99_000, 3), held()], [true, 0]);
});

Deno.test("expireSessions() changes nothing if none have expired", () => {
  const fixture = filled("ada", "bob");
  const before = dump(fixture.pools);
  assertEquals([expireSessions(fixture.pools, 9_999), dump(fixture.pools)], [true, before]);
  const empty = new PoolFixture();
  assertEquals(expireSessions(empty.pools, Number.MAX_SAFE_INTEGER), true);
});
