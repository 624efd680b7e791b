/** A hundred thousand waiters for one lock: the cost of each is counted, not timed. */
import { acquireOrWait, releaseAll } from "../../../lib/state/locks/acquire.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import { expireDue } from "../../../lib/state/locks/departure.ts";
import type { AcquireRequest } from "../../../lib/state/locks/lock_request.ts";
import type { WaitListener } from "../../../lib/state/locks/outcome.ts";
import { type LockStore, newLockStore } from "../../../lib/state/locks/store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { leave, requestFor } from "../../support/locks.ts";
import { below, seededRandom } from "../../support/random.ts";

const CROWD = 100_000;
const SEED = 7;
const TIME = { nowMs: 0 };
/** The first holder; the waiters have the numbers from 1. */
const HOLDER = 1_000_000;

/** How often the rules have examined a waiter. */
let checks = 0;

class CountingListener implements WaitListener {
  readonly owner: number;

  constructor(owner: number) {
    this.owner = owner;
  }

  isConnected(): boolean {
    checks++;
    return true;
  }

  onOutcome(): void {}
}

/** A request that counts how often its mode is read, which is whenever a rule examines the waiter. */
function countedRequest(names: string[]): AcquireRequest {
  const request = requestFor(names);
  return {
    ...request,
    get mode() {
      checks++;
      return request.mode;
    },
  };
}

function lockWithCrowd(requestOf: (owner: number) => AcquireRequest, waitMs = Infinity): LockStore {
  const locks = newLockStore();
  assertEquals(wait(locks, HOLDER, requestFor(["a"]), waitMs), "acquired");
  for (let owner = 1; owner <= CROWD; owner++) {
    assertEquals(wait(locks, owner, requestOf(owner), waitMs), "waiting");
  }
  assertEquals(locks.waiterCount, CROWD);
  return locks;
}

function wait(locks: LockStore, owner: number, request: AcquireRequest, waitMs = Infinity): string {
  return acquireOrWait(locks, owner, request, waitMs, Infinity, new CountingListener(owner), TIME)
    .kind;
}

function takeGranted(locks: LockStore): number[] {
  return locks.outcomes.splice(0).map(({ listener, outcome }) => {
    assertEquals(outcome.kind, "acquired");
    return (listener as CountingListener).owner;
  });
}

Deno.test("100,000 wait, half of them leave in random order, and the others are granted in order", () => {
  checks = 0;
  const request = countedRequest(["a"]);
  const locks = lockWithCrowd(() => request);
  assert(checks < 30 * CROWD, `${checks} checks for coming`);
  const random = seededRandom(SEED);
  const waiting = Array.from({ length: CROWD }, (_, i) => i + 1);
  for (let i = CROWD - 1; i > 0; i--) {
    const at = below(random, i + 1);
    [waiting[i], waiting[at]] = [waiting[at]!, waiting[i]!];
  }
  checks = 0;
  for (const owner of waiting.splice(0, CROWD / 2)) leave(locks, owner);
  assert(checks < 30 * CROWD, `${checks} checks for going`);
  assertEquals([locks.waiterCount, locks.queues.get("a")!.size], [CROWD / 2, CROWD / 2]);
  waiting.sort((a, b) => a - b);
  checks = 0;
  let holder = HOLDER;
  for (const next of waiting) {
    if (holder % 2 === 0) assertEquals(releaseAll(locks, holder, ["a"], undefined, TIME), 1);
    else {
      leave(locks, holder);
      cleanUp(locks, 1000); // as the engine does
    }
    assertEquals(takeGranted(locks), [next]);
    holder = next;
  }
  assert(checks < 30 * CROWD, `${checks} checks for granting`);
  assertEquals([locks.waiterCount, locks.queues.size, locks.timers.size], [0, 0, 0]);
});

Deno.test("expireDue() ends 100,000 waits that time out together, in steps", () => {
  const request = requestFor(["a"]);
  const locks = lockWithCrowd(() => request, 1000);
  assertEquals(locks.timers.size, CROWD);
  let steps = 1;
  while (!expireDue(locks, { nowMs: 1000 }, 1000)) steps++;
  assertEquals(steps, CROWD / 1000);
  const kinds = new Set(locks.outcomes.splice(0).map(({ outcome }) => outcome.kind));
  assertEquals([...kinds], ["timeout"]);
  assertEquals([locks.waiterCount, locks.queues.size, locks.timers.size], [0, 0, 0]);
});

Deno.test("acquireOrWait() does not examine the other waiters, even if each holds a lock", () => {
  checks = 0;
  const locks = newLockStore();
  wait(locks, HOLDER, requestFor(["a"]));
  const request = countedRequest(["a"]);
  for (let owner = 1; owner <= CROWD; owner++) {
    assertEquals(wait(locks, owner, requestFor([`own ${owner}`])), "acquired");
    assertEquals(wait(locks, owner, request), "waiting");
  }
  assert(checks < 60 * CROWD, `${checks} checks`);
});
