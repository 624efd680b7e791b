/**
 * Waiters that lose a lock of a name that they wait for: they move back in its queue, which may close
 * a cycle.
 */
import { acquireOrWait } from "../../../lib/state/locks/acquire.ts";
import { expireDue } from "../../../lib/state/locks/departure.ts";
import { type LockStore, newLockStore } from "../../../lib/state/locks/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { requestFor } from "../../support/locks.ts";

const [A, B, C, D, E] = [1, 2, 3, 4, 5];
const LEASE_MS = 1000;

/** Runs rules on one table, and notes the outcomes of waits. */
class Table {
  readonly locks: LockStore = newLockStore();
  readonly outcomes: string[] = [];

  /** Acquires names, which must be free. */
  hold(owner: number, names: string, leaseMs?: number): void {
    assertEquals(this.#acquire(owner, names, leaseMs), "acquired");
  }

  wait(owner: number, names: string): void {
    assertEquals(this.#acquire(owner, names), "waiting");
  }

  expire(limit: number): boolean {
    const isDone = expireDue(this.locks, { nowMs: LEASE_MS }, limit);
    for (const { listener, outcome } of this.locks.outcomes.splice(0)) listener.onOutcome(outcome);
    return isDone;
  }

  #acquire(owner: number, names: string, leaseMs?: number): string {
    const { locks, outcomes } = this;
    const listener = {
      isConnected: () => true,
      onOutcome: ({ kind }: { kind: string }) => void outcomes.push(`${owner} ${kind}`),
    };
    const request = { ...requestFor(names.split(" ")), leaseMs };
    return acquireOrWait(locks, owner, request, Infinity, Infinity, listener, { nowMs: 0 }).kind;
  }
}

for (const limit of [1, 2, 3, 100]) {
  Deno.test(`leases that end together close no cycle in between, in steps of ${limit}`, () => {
    const table = new Table();
    table.hold(A, "a b c", LEASE_MS);
    table.hold(D, "d");
    table.wait(B, "a b c");
    table.wait(A, "a b c d");
    assertEquals(table.expire(limit), true);
    assertEquals(table.outcomes, [`${B} acquired`]);
    assertEquals(table.locks.waiterCount, 1);
  });
}

Deno.test("expireDue() searches for cycles after it has granted what became free", () => {
  const table = new Table();
  table.hold(A, "a", LEASE_MS);
  table.hold(B, "b", LEASE_MS);
  table.wait(C, "a b");
  table.hold(D, "d");
  table.wait(A, "a d");
  table.wait(B, "b d");
  assertEquals(table.expire(100), true);
  assertEquals(table.outcomes, [`${C} acquired`]);
});

for (const [title, first, second] of [["", A, B], [", in reverse order", B, A]] as const) {
  Deno.test(`of two waiters that lose locks at once, the newer is refused${title}`, () => {
    const table = new Table();
    const leased = (owner: number) => owner === A ? "a" : "b";
    for (const owner of [first, second]) table.hold(owner, leased(owner), LEASE_MS);
    table.hold(A, "x");
    table.hold(B, "y");
    table.hold(E, "z");
    table.wait(C, "a y");
    table.wait(D, "b x");
    table.wait(A, "a z");
    table.wait(B, "b z");
    assertEquals(table.expire(100), true);
    assertEquals(table.outcomes, [`${B} deadlock`]);
    assertEquals(table.locks.waiterCount, 3);
  });
}
