/** Every rule of the lock table: the table before, the rule, its outcome, the table after. */
import { GRACE_LOCKS_MAX } from "../../../lib/limits.ts";
import { acquireAll } from "../../../lib/state/locks/acquire.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import {
  acquireShared,
  countLocks,
  countShared,
  lockStatus,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { type LockStore, newLockStore } from "../../../lib/state/locks/store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import {
  assertInvariants,
  leave,
  plainTable,
  requestFor,
  tableOf,
  textOfTable,
} from "../../support/locks.ts";

/** Without `after`, the rule must change nothing. */
type Case<Outcome> = [before: string, name: string, owner: number, Outcome, after?: string];

/** Runs a rule on a table for each case, and checks its outcome, the table and the invariants. */
function check<Outcome>(
  rule: (locks: LockStore, name: string, owner: number) => Outcome,
  cases: readonly Case<Outcome>[],
): void {
  for (const [before, name, owner, outcome, after] of cases) {
    const locks = tableOf(before);
    const copy = plainTable(locks);
    const message = `"${before}", name "${name}", owner ${owner}`;
    assertEquals(rule(locks, name, owner), outcome, message);
    if (after === undefined) assertEquals(plainTable(locks), copy, message);
    assertEquals(textOfTable(locks), after ?? before, message);
    assertInvariants(locks, message);
  }
}

Deno.test("newLockStore() returns a table without locks", () => {
  assertEquals(plainTable(newLockStore()), plainTable(tableOf("")));
  assert(newLockStore().exclusive !== newLockStore().exclusive);
});

Deno.test("tryAcquire() grants a free lock and refuses one that another owner holds", () => {
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

Deno.test("release() returns false for a lock that the owner does not hold", () => {
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

Deno.test("lockStatus() returns whose a lock is and changes nothing", () => {
  check(lockStatus, [
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

Deno.test("acquireShared() counts every holder once", () => {
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

Deno.test("releaseShared() returns false for a lock that the owner does not hold", () => {
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

Deno.test("countShared() counts the holders and changes nothing", () => {
  check(countShared, [
    ["", "a", 1, 0],
    ["a~2", "a", 1, 1],
    ["a~1,2,3", "a", 1, 3],
    ["a~1", "b", 1, 0],
    ["a=1", "a", 1, 0],
    ["", "constructor", 1, 0],
  ]);
});

/** Returns the names that `leave()` releases, in order, after checking its counts. */
function leaveNow(
  locks: LockStore,
  _: string,
  owner: number,
): [exclusive: string[], shared: string[]] {
  const { exclusive, shared, names } = leave(locks, owner, true);
  assertEquals([names!.exclusive.length, names!.shared.length], [exclusive, shared]);
  assertEquals(cleanUp(locks, Infinity), true);
  return [names!.exclusive, names!.shared];
}

Deno.test("leave() releases everything the owner holds and lists it in the order of grants", () => {
  check(leaveNow, [
    ["a=1", "", 1, [["a"], []], ""],
    ["c=1 b=2 =1 a=1", "", 1, [["c", "", "a"], []], "b=2"],
    ["c~1,2 b~2 a~1", "", 1, [[], ["c", "a"]], "c~2 b~2"],
    ["a=1 a~1,2 b=2 b~2,1", "", 1, [["a"], ["a", "b"]], "b=2 a~2 b~2"],
    ["__proto__=1 constructor~1", "", 1, [["__proto__"], ["constructor"]], ""],
    ["", "", 1, [[], []]],
    ["a=1 a~1", "", 2, [[], []]],
  ]);
});

Deno.test("leave() does nothing the second time", () => {
  const locks = tableOf("a=1 b~1,2");
  assertEquals(leaveNow(locks, "", 1), [["a"], ["b"]]);
  assertEquals(leaveNow(locks, "", 1), [[], []]);
  tryAcquire(locks, "c", 1);
  acquireShared(locks, "b", 1);
  assertEquals(leaveNow(locks, "", 1), [["c"], ["b"]]);
  assertEquals(plainTable(locks), plainTable(tableOf("b~2")));
});

Deno.test("an owner that has left holds nothing, even before cleanUp() removes its entries", () => {
  const locks = tableOf("a=1 b=1 c=2 a~1,2 b~1 c~1,2");
  assertEquals(leave(locks, 1), { exclusive: 2, shared: 3 });
  assertEquals(cleanUp(locks, 1), false);
  assertEquals(lockStatus(locks, "a", 1), "free");
  assertEquals(release(locks, "a", 1), false);
  assertEquals(releaseShared(locks, "b", 1), false);
  assertEquals(tryAcquire(locks, "a", 2), "granted");
  assertEquals([countShared(locks, "b"), countShared(locks, "c")], [0, 1]);
  assertEquals(acquireShared(locks, "a", 3), 2);
  assertEquals(cleanUp(locks, Infinity), true);
  assertEquals(textOfTable(locks), "a=2 c=2 a~2,3 c~2");
  assertInvariants(locks);
});

Deno.test("every acquire removes more stale entries than it adds entries", () => {
  const locks = newLockStore();
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

Deno.test("acquireAll() removes stale entries in proportion to its names", () => {
  const locks = newLockStore();
  for (let owner = 1; owner <= 20; owner++) {
    for (let i = 0; i < 100; i++) {
      const names = Array.from({ length: 10 }, (_, n) => `lock ${owner} ${i} ${n}`);
      acquireAll(locks, owner, requestFor(names), { nowMs: 0 });
    }
    leave(locks, owner);
    assertEquals(locks.departures.length, 1);
  }
});

Deno.test("acquireAll() limits the locks with a grace of one owner, and counts each once", () => {
  const locks = newLockStore();
  const acquire = (...names: string[]) => {
    return acquireAll(locks, 1, requestFor(names, 1000), { nowMs: 0 }).kind;
  };
  for (let i = 0; i < GRACE_LOCKS_MAX; i++) assertEquals(acquire(`lock ${i}`), "acquired");
  assertEquals([acquire("one more"), acquire("lock 1", "one more")], ["limit", "limit"]);
  assertEquals([acquire("lock 1"), acquire("lock 1", "lock 2")], ["acquired", "acquired"]);
  release(locks, "lock 0", 1);
  assertEquals([acquire("lock 1", "one more"), acquire("lock 0")], ["acquired", "limit"]);
});

Deno.test("long names are distinct and are found quickly however many there are", () => {
  const locks = newLockStore();
  const long = (i: number) => "x".repeat(16_384) + i;
  for (let i = 0; i < 3000; i++) assertEquals(tryAcquire(locks, long(i), i % 7), "granted");
  for (let i = 0; i < 3000; i++) assertEquals(lockStatus(locks, long(i), i % 7), "own");
  for (let i = 0; i < 3000; i++) assertEquals(release(locks, long(i), i % 7), true);
  assertEquals(locks.exclusive.size, 0);
});

Deno.test("another owner can take a released lock", () => {
  const locks = newLockStore();
  assertEquals(tryAcquire(locks, "a", 1), "granted");
  assertEquals(tryAcquire(locks, "a", 2), "refused");
  assertEquals(release(locks, "a", 1), true);
  assertEquals(release(locks, "a", 1), false);
  assertEquals(tryAcquire(locks, "a", 2), "granted");
  assertEquals(leaveNow(locks, "", 1), [[], []]);
  assertEquals(lockStatus(locks, "a", 2), "own");
  assertInvariants(locks);
});
