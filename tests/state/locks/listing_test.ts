/** Listings of all locks that are read in steps, and the entries that free locks keep. */
import {
  acquireShared,
  listExclusive,
  listShared,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { newLockStore } from "../../../lib/state/locks/store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { assertInvariants } from "../../support/locks.ts";

Deno.test("a listing read in steps shows every lock that stays, once, and ends", () => {
  const locks = newLockStore();
  const names = Array.from({ length: 1000 }, (_, i) => `lock ${i}`);
  const long = ["a", "b", "c"].map((name) => `lock ${name.repeat(300)}`);
  for (const name of [...long, ...names]) {
    tryAcquire(locks, name, 1);
    acquireShared(locks, name, 1);
  }
  for (
    const [list, take, give] of [
      [listExclusive, tryAcquire, release],
      [listShared, acquireShared, releaseShared],
    ] as const
  ) {
    const seen: string[] = [];
    let step = 0;
    for (const name of list(locks)) {
      if (name?.startsWith("lock")) seen.push(name);
      // Another owner takes and releases more names than keep an entry while they are free.
      if (step++ >= 600) {
        take(locks, `new ${step}`, 2);
        give(locks, `lock ${step - 500}`, 1);
        take(locks, `lock ${step - 501}`, 2);
      }
    }
    assertEquals(seen.sort(), [...names, ...long].sort());
  }
});

Deno.test("long names taken during a listing do not end it", () => {
  const locks = newLockStore();
  const [short, long] = [["x", "y"], ["a", "b", "c"].map((name) => name.repeat(300))];
  for (const name of [...short, ...long]) tryAcquire(locks, name, 1);
  const seen: (string | undefined)[] = [];
  for (const name of listExclusive(locks)) {
    seen.push(name);
    if (seen.length > 1) continue;
    for (const name of long) {
      release(locks, name, 1);
      tryAcquire(locks, name, 2);
    }
  }
  assertEquals(seen.sort(), [...long, ...short]);
});

Deno.test("free locks keep an entry, but only a few hundred of them", () => {
  const locks = newLockStore();
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
  assertInvariants(locks);
});
