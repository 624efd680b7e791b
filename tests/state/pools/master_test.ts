/** Rules of section 2.6: who is master, what that allows, and what falls when it ends. */
import { releaseResource } from "../../../lib/state/pools/assign.ts";
import {
  judge,
  leaveMaster,
  type MasterRule,
  setLocked,
  takeMaster,
} from "../../../lib/state/pools/master.ts";
import { setFrozen } from "../../../lib/state/pools/run_time.ts";
import { dropPool } from "../../../lib/state/pools/table.ts";
import { dropResource } from "../../../lib/state/pools/resources.ts";
import { assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

/** Resources a and b in p, a in q; who is master. */
function mastered(...owner: number[]): World {
  const world = new World({ p: { a: 2, b: 2 }, q: { a: 2 } }, { seed: "serial" });
  for (const each of owner) assertEquals(world.ask(takeMaster, each), "changed");
  return world;
}

Deno.test("(m) lets everybody when nobody is master, (M) nobody; else both let the master", () => {
  const cases: [master: number[], owner: number, rule: MasterRule, outcome: string][] = [
    [[], 1, "(m)", "nothing"],
    [[], 0, "(m)", "nothing"],
    [[1], 1, "(m)", "nothing"],
    [[1], 2, "(m)", "another is master"],
    [[0], 1, "(m)", "another is master"],
    [[], 1, "(M)", "nobody is master"],
    [[1], 1, "(M)", "nothing"],
    [[0], 0, "(M)", "nothing"],
    [[1], 2, "(M)", "another is master"],
    [[1], 0, "(M)", "another is master"],
  ];
  for (const [master, owner, rule, outcome] of cases) {
    const message = `master ${master.join()}, owner ${owner}, ${rule}`;
    assertEquals(mastered(...master).ask(judge, owner, rule), outcome, message);
  }
});

Deno.test("only one can be master, and only once, until it leaves", () => {
  for (const owner of [0, 1]) {
    const world = mastered(owner);
    assertEquals(world.ask(takeMaster, owner), "mastered already");
    assertEquals(world.ask(takeMaster, 2), "mastered already");
    assertEquals([world.ask(leaveMaster, 2), world.pools.master], ["nothing", owner]);
    assertEquals([world.ask(leaveMaster, owner), world.pools.master], ["changed", undefined]);
    assertEquals([world.ask(leaveMaster, owner), world.ask(takeMaster, 2)], ["nothing", "changed"]);
  }
});

Deno.test("lock closes a resource for new sessions, in one pool or in all, and unlock opens it", () => {
  const cases: [words: [string, string?], p: string, q: string][] = [
    [["a", "p"], "b", "a"],
    [["a", "q"], "a", "no room"],
    [["a"], "b", "no room"],
    [["b"], "a", "a"],
  ];
  for (const [[name, ...pool], p, q] of cases) {
    const world = mastered(1);
    assertEquals(world.ask(setLocked, name, true, ...pool), "changed");
    assertEquals(world.ask(setLocked, name, true, ...pool), "nothing");
    assertEquals([world.consume("p", "ada"), world.consume("q", "ada")], [p, q]);
    world.given(releaseResource, "p", "ada").given(releaseResource, "q", "ada");
    assertEquals(world.ask(setLocked, name, false, ...pool), "changed");
    assertEquals(world.ask(setLocked, name, false, ...pool), "nothing");
    assertEquals([world.flags("p"), world.flags("q")], ["", ""]);
  }
});

Deno.test("a lock leaves sessions that are held", () => {
  const world = mastered(1);
  world.consume("p", "ada", "bob");
  assertEquals(world.given(setLocked, "a", true).holders("p"), "ada@a bob@a");
  assertEquals(world.consume("p", "ada", "cyd"), "a, b");
});

Deno.test("frozen and locked are independent: either closes", () => {
  const cases: [frozen: boolean, locked: boolean, flags: string, chosen: string][] = [
    [false, false, "", "a"],
    [true, false, "a frozen", "b"],
    [false, true, "a locked", "b"],
    [true, true, "a frozen,locked", "b"],
  ];
  for (const [frozen, locked, flags, chosen] of cases) {
    const world = mastered(1).given(setFrozen, "a", "p", true).given(setLocked, "a", true, "p");
    world.given(setLocked, "a", locked, "p").given(setFrozen, "a", "p", frozen);
    assertEquals([world.flags("p"), world.consume("p", "ada")], [flags, chosen]);
  }
});

Deno.test("locks fall with the master; freezes stay", () => {
  const world = mastered(1).given(setFrozen, "a", "p", true);
  world.given(setLocked, "a", true).given(setLocked, "b", true);
  assertEquals([world.consume("p", "ada"), world.consume("q", "ada")], ["no room", "no room"]);
  assertEquals([world.ask(leaveMaster, 2), world.consume("q", "ada")], ["nothing", "no room"]);
  assertEquals(world.ask(leaveMaster, 1), "changed");
  assertEquals([world.consume("p", "ada"), world.consume("q", "ada")], ["b", "a"]);
  assertEquals([world.flags("p"), world.flags("q")], ["a frozen", ""]);
});

Deno.test("what has gone meanwhile is no matter when the master leaves", () => {
  const world = mastered(1).given(setLocked, "a", true).given(setLocked, "b", true);
  world.given(dropResource, "b").given(dropPool, "q").given(leaveMaster, 1);
  assertEquals([world.uses("p"), world.consume("p", "ada")], ["a=0/2", "a"]);
});

Deno.test("what is refused changes nothing", () => {
  const world = busyWorld().given(takeMaster, 1);
  for (const locked of [true, false]) {
    assertEquals(world.ask(setLocked, "x", locked), "no resource x");
    assertEquals(world.ask(setLocked, "x", locked, "p"), "no resource x");
    assertEquals(world.ask(setLocked, "a", locked, "q"), "no resource a");
    assertEquals(world.ask(setLocked, "a", locked, "x"), "no pool x");
  }
});
