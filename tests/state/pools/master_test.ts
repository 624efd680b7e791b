/** Rules of section 2.6: becoming the master, what it allows, and what ends with it. */
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import {
  checkMaster,
  leaveMaster,
  type MasterRule,
  setLocked,
  takeMaster,
} from "../../../lib/state/pools/master.ts";
import { setFrozen } from "../../../lib/state/pools/run_time.ts";
import { dropPool } from "../../../lib/state/pools/table.ts";
import { dropResource } from "../../../lib/state/pools/resources.ts";
import { assertEquals } from "../../support/assert.ts";
import { PoolFixture, usedFixture } from "../../support/pools.ts";

/** Returns resources a and b in p, and a in q; `owner` is the master, if given. */
function fixtureWithMaster(...owner: number[]): PoolFixture {
  const fixture = new PoolFixture({ p: { a: 2, b: 2 }, q: { a: 2 } }, { seed: "serial" });
  for (const each of owner) assertEquals(fixture.attempt(takeMaster, each), "changed");
  return fixture;
}

Deno.test("checkMaster() allows (m) without a master, and (m) and (M) for the master", () => {
  const cases: [master: number[], owner: number, rule: MasterRule, outcome: string][] = [
    [[], 1, "(m)", "nothing"],
    [[], 0, "(m)", "nothing"],
    [[1], 1, "(m)", "nothing"],
    [[1], 2, "(m)", "another is master"],
    [[0], 1, "(m)", "another is master"],
    [[], 1, "(M)", "no master"],
    [[1], 1, "(M)", "nothing"],
    [[0], 0, "(M)", "nothing"],
    [[1], 2, "(M)", "another is master"],
    [[1], 0, "(M)", "another is master"],
  ];
  for (const [master, owner, rule, outcome] of cases) {
    const message = `master ${master.join()}, owner ${owner}, ${rule}`;
    assertEquals(fixtureWithMaster(...master).attempt(checkMaster, owner, rule), outcome, message);
  }
});

Deno.test("takeMaster() succeeds for one connection, once, until that connection ends", () => {
  for (const owner of [0, 1]) {
    const fixture = fixtureWithMaster(owner);
    assertEquals(fixture.attempt(takeMaster, owner), "master exists");
    assertEquals(fixture.attempt(takeMaster, 2), "master exists");
    assertEquals([fixture.attempt(leaveMaster, 2), fixture.pools.master], ["nothing", owner]);
    assertEquals([fixture.attempt(leaveMaster, owner), fixture.pools.master], [
      "changed",
      undefined,
    ]);
    assertEquals([fixture.attempt(leaveMaster, owner), fixture.attempt(takeMaster, 2)], [
      "nothing",
      "changed",
    ]);
  }
});

Deno.test("setLocked() closes and opens a resource for new sessions, in one pool or in all", () => {
  const cases: [words: [string, string?], p: string, q: string][] = [
    [["a", "p"], "b", "a"],
    [["a", "q"], "a", "no room"],
    [["a"], "b", "no room"],
    [["b"], "a", "a"],
  ];
  for (const [[name, ...pool], p, q] of cases) {
    const fixture = fixtureWithMaster(1);
    assertEquals(fixture.attempt(setLocked, name, true, ...pool), "changed");
    assertEquals(fixture.attempt(setLocked, name, true, ...pool), "nothing");
    assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "ada")], [p, q]);
    fixture.apply(releaseResource, "p", "ada").apply(releaseResource, "q", "ada");
    assertEquals(fixture.attempt(setLocked, name, false, ...pool), "changed");
    assertEquals(fixture.attempt(setLocked, name, false, ...pool), "nothing");
    assertEquals([fixture.flags("p"), fixture.flags("q")], ["", ""]);
  }
});

Deno.test("setLocked() keeps existing sessions", () => {
  const fixture = fixtureWithMaster(1);
  fixture.consume("p", "ada", "bob");
  assertEquals(fixture.apply(setLocked, "a", true).sessions("p"), "ada@a bob@a");
  assertEquals(fixture.consume("p", "ada", "cyd"), "a, b");
});

Deno.test("frozen and locked are independent flags, and either closes a resource", () => {
  const cases: [frozen: boolean, locked: boolean, flags: string, chosen: string][] = [
    [false, false, "", "a"],
    [true, false, "a frozen", "b"],
    [false, true, "a locked", "b"],
    [true, true, "a frozen,locked", "b"],
  ];
  for (const [frozen, locked, flags, chosen] of cases) {
    const fixture = fixtureWithMaster(1).apply(setFrozen, "a", "p", true).apply(
      setLocked,
      "a",
      true,
      "p",
    );
    fixture.apply(setLocked, "a", locked, "p").apply(setFrozen, "a", "p", frozen);
    assertEquals([fixture.flags("p"), fixture.consume("p", "ada")], [flags, chosen]);
  }
});

Deno.test("leaveMaster() ends all locks and no freezes", () => {
  const fixture = fixtureWithMaster(1).apply(setFrozen, "a", "p", true);
  fixture.apply(setLocked, "a", true).apply(setLocked, "b", true);
  assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "ada")], ["no room", "no room"]);
  assertEquals([fixture.attempt(leaveMaster, 2), fixture.consume("q", "ada")], [
    "nothing",
    "no room",
  ]);
  assertEquals(fixture.attempt(leaveMaster, 1), "changed");
  assertEquals([fixture.consume("p", "ada"), fixture.consume("q", "ada")], ["b", "a"]);
  assertEquals([fixture.flags("p"), fixture.flags("q")], ["a frozen", ""]);
});

Deno.test("leaveMaster() ignores locked resources and pools that were dropped", () => {
  const fixture = fixtureWithMaster(1).apply(setLocked, "a", true).apply(setLocked, "b", true);
  fixture.apply(dropResource, "b").apply(dropPool, "q").apply(leaveMaster, 1);
  assertEquals([fixture.uses("p"), fixture.consume("p", "ada")], ["a=0/2", "a"]);
});

Deno.test("a refused setLocked() changes nothing", () => {
  const fixture = usedFixture().apply(takeMaster, 1);
  for (const locked of [true, false]) {
    assertEquals(fixture.attempt(setLocked, "x", locked), "no resource x");
    assertEquals(fixture.attempt(setLocked, "x", locked, "p"), "no resource x");
    assertEquals(fixture.attempt(setLocked, "a", locked, "q"), "no resource a");
    assertEquals(fixture.attempt(setLocked, "a", locked, "x"), "no pool x");
  }
});
