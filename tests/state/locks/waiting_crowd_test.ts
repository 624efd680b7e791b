/** Very many who wait for one lock: all can, all can go, and each costs little: it is counted, not timed. */
import { acquireOrWait, releaseAll } from "../../../lib/state/locks/acquire.ts";
import { expireDue } from "../../../lib/state/locks/departure.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import { type LockStore, newLocks } from "../../../lib/state/locks/rules.ts";
import type { AcquireRequest, WaitListener } from "../../../lib/state/locks/lock_request.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { leave } from "../../support/locks.ts";
import { below, seededRandom } from "../../support/random.ts";

const CROWD = 100_000;
const SEED = 7;
const TIME = { nowMs: 0 };
/** Who holds it first; the crowd are the numbers from 1. */
const HOLDER = 1_000_000;

/** How often somebody has been looked at who waits. */
let looks = 0;

class CountingEar implements WaitListener {
  readonly owner: number;

  constructor(owner: number) {
    this.owner = owner;
  }

  isConnected(): boolean {
    looks++;
    return true;
  }

  onOutcome(): void {}
}

function wishFor(...names: string[]): AcquireRequest {
  const nothing = { leaseMs: undefined, graceMs: undefined, why: undefined };
  return { names, mode: "exclusive", max: Infinity, priority: 0, ...nothing };
}

/** Names and modes are looked at whenever anybody is judged: how often, is how much work it was. */
function countedWish(names: string[]): AcquireRequest {
  const wish = wishFor(...names);
  return {
    ...wish,
    get mode() {
      looks++;
      return wish.mode;
    },
  };
}

function crowded(wishOf: (owner: number) => AcquireRequest, waitMs = Infinity): LockStore {
  const locks = newLocks();
  assertEquals(wait(locks, HOLDER, wishFor("a"), waitMs), "acquired");
  for (let owner = 1; owner <= CROWD; owner++) {
    assertEquals(wait(locks, owner, wishOf(owner), waitMs), "waiting");
  }
  assertEquals(locks.waiting, CROWD);
  return locks;
}

function wait(locks: LockStore, owner: number, wish: AcquireRequest, waitMs = Infinity): string {
  return acquireOrWait(locks, owner, wish, waitMs, Infinity, new CountingEar(owner), TIME).kind;
}

function heard(locks: LockStore): number[] {
  return locks.outcomes.splice(0).map(({ listener, outcome }) => {
    assertEquals(outcome.kind, "acquired");
    return (listener as CountingEar).owner;
  });
}

Deno.test("a hundred thousand wait, half of them go in any order, the others are granted in order", () => {
  looks = 0;
  const wish = countedWish(["a"]);
  const locks = crowded(() => wish);
  assert(looks < 30 * CROWD, `${looks} looks for coming`);
  const random = seededRandom(SEED);
  const waiting = Array.from({ length: CROWD }, (_, i) => i + 1);
  for (let i = CROWD - 1; i > 0; i--) {
    const at = below(random, i + 1);
    [waiting[i], waiting[at]] = [waiting[at]!, waiting[i]!];
  }
  looks = 0;
  for (const owner of waiting.splice(0, CROWD / 2)) leave(locks, owner);
  assert(looks < 30 * CROWD, `${looks} looks for going`);
  assertEquals([locks.waiting, locks.queues.get("a")!.size], [CROWD / 2, CROWD / 2]);
  waiting.sort((a, b) => a - b);
  looks = 0;
  let holder = HOLDER;
  for (const next of waiting) {
    if (holder % 2 === 0) assertEquals(releaseAll(locks, holder, ["a"], undefined, TIME), 1);
    else {
      leave(locks, holder);
      cleanUp(locks, 1000); // as the engine does
    }
    assertEquals(heard(locks), [next]);
    holder = next;
  }
  assert(looks < 30 * CROWD, `${looks} looks for granting`);
  assertEquals([locks.waiting, locks.queues.size, locks.timers.size], [0, 0, 0]);
});

Deno.test("a hundred thousand are at the end of their patience at once, in steps", () => {
  const wish = wishFor("a");
  const locks = crowded(() => wish, 1000);
  assertEquals(locks.timers.size, CROWD);
  let steps = 1;
  while (!expireDue(locks, { nowMs: 1000 }, 1000)) steps++;
  assertEquals(steps, CROWD / 1000);
  const kinds = new Set(locks.outcomes.splice(0).map(({ outcome }) => outcome.kind));
  assertEquals([...kinds], ["timeout"]);
  assertEquals([locks.waiting, locks.queues.size, locks.timers.size], [0, 0, 0]);
});

Deno.test("a crowd that holds something each asks without looking through the others", () => {
  looks = 0;
  const locks = newLocks();
  wait(locks, HOLDER, wishFor("a"));
  const wish = countedWish(["a"]);
  for (let owner = 1; owner <= CROWD; owner++) {
    assertEquals(wait(locks, owner, wishFor(`own ${owner}`)), "acquired");
    assertEquals(wait(locks, owner, wish), "waiting");
  }
  assert(looks < 60 * CROWD, `${looks} looks`);
});
