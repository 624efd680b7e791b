/** Every rule of the lock table: what was, the rule, its outcome, what became of it. */
import { GRACE_LOCKS_MAX } from "../../../lib/limits.ts";
import {
  acquireShared,
  countLocks,
  countShared,
  inspect,
  listLocks,
  listShared,
  type LockStore,
  newLocks,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { acquireAll } from "../../../lib/state/locks/acquire.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { assertLaws, leave, plain, tableOf, textOfTable } from "../../support/locks.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";

/** `after` is left out where nothing may change. */
type Case<Outcome> = [before: string, name: string, owner: number, Outcome, after?: string];

/** Runs a rule on every `before`; where nothing may change, a copy of the table must stay equal. */
function check<Outcome>(
  rule: (locks: LockStore, name: string, owner: number) => Outcome,
  cases: readonly Case<Outcome>[],
): void {
  for (const [before, name, owner, outcome, after] of cases) {
    const locks = tableOf(before);
    const copy = plain(locks);
    const message = `"${before}", name "${name}", owner ${owner}`;
    assertEquals(rule(locks, name, owner), outcome, message);
    if (after === undefined) assertEquals(plain(locks), copy, message);
    assertEquals(textOfTable(locks), after ?? before, message);
    assertLaws(locks, message);
  }
}

Deno.test("newLocks gives a table without locks", () => {
  assertEquals(plain(newLocks()), plain(tableOf("")));
  assert(newLocks().exclusive !== newLocks().exclusive);
});

Deno.test("acquire grants a free lock, and refuses what another holds", () => {
  check(tryAcquire, [
    ["", "a", 1, "granted", "a=1"],
    ["", "", 1, "granted", "=1"],
    ["", "__proto__", 1, "granted", "__proto__=1"],
    ["a=1", "b", 1, "granted", "a=1 b=1"],
    ["a=1", "A", 2, "granted", "a=1 A=2"],
    ["a~1,2", "a", 3, "granted", "a=3 a~1,2"],
    ["a~1", "a", 1, "granted", "a=1 a~1"],
    ["a=1", "a", 1, "already held"],
    ["a=1", "a", 2, "refused"],
    ["=1", "", 2, "refused"],
    ["a=1 b=2 a~2", "a", 2, "refused"],
    ["a=0", "a", 1, "refused"],
    ["", "a", 0, "granted", "a=0"],
    ["a=0", "a", 0, "already held"],
  ]);
});

Deno.test("release gives back only what the owner holds", () => {
  check(release, [
    ["a=1", "a", 1, true, ""],
    ["=1", "", 1, true, ""],
    ["a=1 b=1 c=2", "b", 1, true, "a=1 c=2"],
    ["a=1 a~1,2", "a", 1, true, "a~1,2"],
    ["", "a", 1, false],
    ["a=1", "a", 2, false],
    ["a=1", "b", 1, false],
    ["a~1", "a", 1, false],
    ["a=0", "a", 0, true, ""],
  ]);
});

Deno.test("inspect tells whose a lock is and changes nothing", () => {
  check(inspect, [
    ["", "a", 1, "free"],
    ["a=1", "a", 1, "own"],
    ["a=1", "a", 2, "another's"],
    ["a=1", "b", 1, "free"],
    ["a~1", "a", 1, "free"],
    ["", "constructor", 1, "free"],
    ["a=0", "a", 0, "own"],
    ["a=0", "a", 1, "another's"],
  ]);
});

Deno.test("acquireShared counts every holder once", () => {
  check(acquireShared, [
    ["", "a", 1, 1, "a~1"],
    ["", "", 1, 1, "~1"],
    ["a~2", "a", 1, 2, "a~2,1"],
    ["a~2,1", "a", 3, 3, "a~2,1,3"],
    ["a~2,1", "a", 2, 2],
    ["a~1", "a", 1, 1],
    ["a~1", "b", 1, 1, "a~1 b~1"],
    ["a=1", "a", 2, 1, "a=1 a~2"],
    ["a=1", "a", 1, 1, "a=1 a~1"],
    ["", "__proto__", 0, 1, "__proto__~0"],
  ]);
});

Deno.test("releaseShared gives back only what the owner holds", () => {
  check(releaseShared, [
    ["a~1", "a", 1, true, ""],
    ["~1", "", 1, true, ""],
    ["a~1,2,3", "a", 2, true, "a~1,3"],
    ["a~1 b~1", "a", 1, true, "b~1"],
    ["a=1 a~1", "a", 1, true, "a=1"],
    ["", "a", 1, false],
    ["a~1", "a", 2, false],
    ["a~1", "b", 1, false],
    ["a=1", "a", 1, false],
  ]);
});

Deno.test("countShared counts the holders and changes nothing", () => {
  check(countShared, [
    ["", "a", 1, 0],
    ["a~2", "a", 1, 1],
    ["a~1,2,3", "a", 1, 3],
    ["a~1", "b", 1, 0],
    ["a=1", "a", 1, 0],
    ["", "constructor", 1, 0],
  ]);
});

/** What leaving gives back, in its order; the counts say the same, and so does leaving unasked. */
function leaving(
  locks: LockStore,
  _: string,
  owner: number,
): [exclusive: string[], shared: string[]] {
  const { exclusive, shared, names } = leave(locks, owner, true);
  assertEquals([names!.exclusive.length, names!.shared.length], [exclusive, shared]);
  assertEquals(cleanUp(locks, Infinity), true);
  return [names!.exclusive, names!.shared];
}

Deno.test("leave gives back all that the owner holds, and tells it in the order of taking", () => {
  check(leaving, [
    ["a=1", "", 1, [["a"], []], ""],
    ["c=1 b=2 =1 a=1", "", 1, [["c", "", "a"], []], "b=2"],
    ["c~1,2 b~2 a~1", "", 1, [[], ["c", "a"]], "c~2 b~2"],
    ["a=1 a~1,2 b=2 b~2,1", "", 1, [["a"], ["a", "b"]], "b=2 a~2 b~2"],
    ["__proto__=1 constructor~1", "", 1, [["__proto__"], ["constructor"]], ""],
    ["", "", 1, [[], []]],
    ["a=1 a~1", "", 2, [[], []]],
  ]);
});

Deno.test("leave, twice, is once", () => {
  const locks = tableOf("a=1 b~1,2");
  assertEquals(leaving(locks, "", 1), [["a"], ["b"]]);
  assertEquals(leaving(locks, "", 1), [[], []]);
  tryAcquire(locks, "c", 1);
  acquireShared(locks, "b", 1);
  assertEquals(leaving(locks, "", 1), [["c"], ["b"]]);
  assertEquals(plain(locks), plain(tableOf("b~2")));
});

Deno.test("who has left, holds nothing, long before it is forgotten", () => {
  const locks = tableOf("a=1 b=1 c=2 a~1,2 b~1 c~1,2");
  assertEquals(leave(locks, 1), { exclusive: 2, shared: 3 });
  assertEquals(cleanUp(locks, 1), false);
  assertEquals(inspect(locks, "a", 1), "free");
  assertEquals(release(locks, "a", 1), false);
  assertEquals(releaseShared(locks, "b", 1), false);
  assertEquals(tryAcquire(locks, "a", 2), "granted");
  assertEquals([countShared(locks, "b"), countShared(locks, "c")], [0, 1]);
  assertEquals(acquireShared(locks, "a", 3), 2);
  assertEquals(cleanUp(locks, Infinity), true);
  assertEquals(textOfTable(locks), "a=2 c=2 a~2,3 c~2");
  assertLaws(locks);
});

Deno.test("whoever takes a lock forgets more than that of those who have left", () => {
  const locks = newLocks();
  for (let i = 0; i < 1000; i++) {
    tryAcquire(locks, `lock ${i}`, 1);
    acquireShared(locks, `lock ${i}`, 1);
  }
  leave(locks, 1);
  for (let i = 0; i < 500; i++) {
    tryAcquire(locks, `other ${i}`, 2);
    acquireShared(locks, `other ${i}`, 2);
  }
  leave(locks, 2);
  for (let i = 0; i < 600; i++) tryAcquire(locks, `third ${i}`, 3);
  assertEquals(locks.departures.length, 0);
  assertEquals(countLocks(locks), { exclusive: 600, shared: 0 });
});

Deno.test("so does whoever takes many in one step", () => {
  const locks = newLocks();
  const wish = { mode: "exclusive", max: Infinity, priority: 0 } as const;
  const terms = { leaseMs: undefined, graceMs: undefined, why: undefined };
  for (let owner = 1; owner <= 20; owner++) {
    for (let i = 0; i < 100; i++) {
      const names = Array.from({ length: 10 }, (_, n) => `lock ${owner} ${i} ${n}`);
      acquireAll(locks, owner, { names, ...wish, ...terms }, { nowMs: 0 });
    }
    leave(locks, owner);
    assertEquals(locks.departures.length, 1);
  }
});

Deno.test("so much may be kept for one owner; what it has already is none the more", () => {
  const locks = newLocks();
  const ask = (...names: string[]) => {
    const wish = { names, mode: "exclusive", max: Infinity, priority: 0, why: undefined } as const;
    return acquireAll(locks, 1, { ...wish, leaseMs: undefined, graceMs: 1000 }, { nowMs: 0 }).kind;
  };
  for (let i = 0; i < GRACE_LOCKS_MAX; i++) assertEquals(ask(`lock ${i}`), "acquired");
  assertEquals([ask("one more"), ask("lock 1", "one more")], ["limit", "limit"]);
  assertEquals([ask("lock 1"), ask("lock 1", "lock 2")], ["acquired", "acquired"]);
  release(locks, "lock 0", 1);
  assertEquals([ask("lock 1", "one more"), ask("lock 0")], ["acquired", "limit"]);
});

Deno.test("names of any length are told apart, and found at once however many", () => {
  const locks = newLocks();
  const long = (i: number) => "x".repeat(16_384) + i;
  for (let i = 0; i < 3000; i++) assertEquals(tryAcquire(locks, long(i), i % 7), "granted");
  for (let i = 0; i < 3000; i++) assertEquals(inspect(locks, long(i), i % 7), "own");
  for (let i = 0; i < 3000; i++) assertEquals(release(locks, long(i), i % 7), true);
  assertEquals(locks.exclusive.size, 0);
});

Deno.test("a listing read by and by has all that stays, once, and comes to its end", () => {
  const locks = newLocks();
  const names = Array.from({ length: 1000 }, (_, i) => `lock ${i}`);
  const long = ["a", "b", "c"].map((name) => `lock ${name.repeat(300)}`);
  for (const name of [...long, ...names]) {
    tryAcquire(locks, name, 1);
    acquireShared(locks, name, 1);
  }
  for (
    const [list, take, give] of [
      [listLocks, tryAcquire, release],
      [listShared, acquireShared, releaseShared],
    ] as const
  ) {
    const seen: string[] = [];
    let step = 0;
    for (const name of list(locks)) {
      if (name?.startsWith("lock")) seen.push(name);
      // Others come and go: more than stay free, so that many are forgotten and known again.
      if (step++ >= 600) {
        take(locks, `new ${step}`, 2);
        give(locks, `lock ${step - 500}`, 1);
        take(locks, `lock ${step - 501}`, 2);
      }
    }
    assertEquals(seen.sort(), [...names, ...long].sort());
  }
});

Deno.test("long names that come and go while a listing is read do not end it", () => {
  const locks = newLocks();
  const [short, long] = [["x", "y"], ["a", "b", "c"].map((name) => name.repeat(300))];
  for (const name of [...short, ...long]) tryAcquire(locks, name, 1);
  const seen: (string | undefined)[] = [];
  for (const name of listLocks(locks)) {
    seen.push(name);
    if (seen.length > 1) continue;
    for (const each of long) {
      release(locks, each, 1);
      tryAcquire(locks, each, 2);
    }
  }
  assertEquals(seen.sort(), [...long, ...short]);
});

Deno.test("what is free stays for a while, and not more than a few hundred names", () => {
  const locks = newLocks();
  for (let i = 0; i < 10_000; i++) {
    tryAcquire(locks, `lock ${i}`, 1);
    acquireShared(locks, `lock ${i}`, 1);
    release(locks, `lock ${i}`, 1);
    releaseShared(locks, `lock ${i}`, 1);
  }
  tryAcquire(locks, "x".repeat(100_000), 1);
  release(locks, "x".repeat(100_000), 1);
  const lengths = [...locks.exclusive, ...locks.shared].map(({ name }) => name.length);
  assert(lengths.length <= 600 && Math.max(...lengths) < 20);
  assertLaws(locks);
});

Deno.test("a lock that was given back can be taken by another", () => {
  const locks = newLocks();
  assertEquals(tryAcquire(locks, "a", 1), "granted");
  assertEquals(tryAcquire(locks, "a", 2), "refused");
  assertEquals(release(locks, "a", 1), true);
  assertEquals(release(locks, "a", 1), false);
  assertEquals(tryAcquire(locks, "a", 2), "granted");
  assertEquals(leaving(locks, "", 1), [[], []]);
  assertEquals(inspect(locks, "a", 2), "own");
  assertLaws(locks);
});
