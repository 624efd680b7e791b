/**
 * Lock tables as text, so that a test shows the table before and after a rule. In "a=1 b~1,2" owner
 * 1 holds the exclusive lock "a", and owners 1 and 2, in this order, hold the shared lock "b".
 */
import {
  type Departure,
  leave as leaveWith,
  type LeaveOptions,
} from "../../lib/state/locks/departure.ts";
import { takeShared, transferExclusive } from "../../lib/state/locks/holds.ts";
import type { AcquireRequest } from "../../lib/state/locks/lock_request.ts";
import type { LockHolder } from "../../lib/state/locks/model.ts";
import {
  countLocks,
  holderOfName,
  holdersShared,
  listExclusive,
  listShared,
} from "../../lib/state/locks/rules.ts";
import {
  getOrCreateHolder,
  getOrCreateLock,
  type LockStore,
  newLockStore,
} from "../../lib/state/locks/store.ts";
import { assertEquals } from "./assert.ts";

/** Builds a table without using a rule. */
export function tableOf(text: string): LockStore {
  const locks = newLockStore();
  for (const [, name, kind, holders] of text.matchAll(/([^ =~]*)([=~])([\d,]+)/g)) {
    for (const owner of holders!.split(",").map(Number)) {
      if (kind === "~") takeShared(locks, name!, getOrCreateHolder(locks, owner), 0);
      else transferExclusive(getOrCreateLock(locks, name!), getOrCreateHolder(locks, owner));
    }
  }
  return locks;
}

/** Returns every lock with its holders. There must be no stale entries. */
export function holdersOfAll(
  locks: LockStore,
): { exclusive: [string, number[]][]; shared: [string, number[]][] } {
  const names = (list: Iterable<string | undefined>) =>
    [...list].filter((name) => name !== undefined);
  return {
    exclusive: names(listExclusive(locks)).map((
      name,
    ) => [name, [holderOfName(locks, name)!.owner]]),
    shared: names(listShared(locks)).map((name) => [
      name,
      holdersShared(locks, name).map(({ owner }) => owner),
    ]),
  };
}

/** Returns the table as text: exclusive locks in the order of grants, then shared locks. */
export function textOfTable(locks: LockStore): string {
  const { exclusive, shared } = holdersOfAll(locks);
  return [
    ...exclusive.map(([name, owners]) => `${name}=${owners}`),
    ...shared.map(([name, owners]) => `${name}~${owners}`),
  ].join(" ");
}

/** Returns a request for exclusive locks. */
export function requestFor(names: readonly string[], graceMs?: number): AcquireRequest {
  const options = { mode: "exclusive", leaseMs: undefined, graceMs, why: undefined } as const;
  return { names, max: Infinity, priority: 0, ...options };
}

/** Leaves without grace. */
export function leave(locks: LockStore, owner: number, withNames = false): Departure {
  return leaveWith(locks, owner, { ...CLOSED, withNames });
}

const CLOSED: LeaveOptions = {
  ending: "closed",
  when: { nowMs: 0 },
  name: "",
  address: "",
  secret: "",
  withGrace: false,
  withNames: false,
};

/** Returns all holds as arrays, so that two tables can be compared. */
export function plainTable(locks: LockStore): unknown {
  return [holdersOfAll(locks), [...locks.holders.values()].map(heldBy).filter(({ all }) => all)];
}

function heldBy({ owner, exclusive, shared }: LockHolder): Record<string, unknown> {
  const names = [...exclusive].map(({ name }) => name);
  const sharedNames = [...shared ?? []].map(([name]) => name);
  return { owner, names, sharedNames, all: names.length + sharedNames.length };
}

/** Asserts that holders, locks and counts agree, and that free locks are among the free ones. */
export function assertInvariants(locks: LockStore, message?: string): void {
  const { exclusive, shared } = holdersOfAll(locks);
  assertEquals(countLocks(locks), { exclusive: exclusive.length, shared: shared.length }, message);
  const line = (name: string, kind: string, owner: number) => JSON.stringify([name, kind, owner]);
  const byName = [
    ...exclusive.flatMap(([name, owners]) => owners.map((owner) => line(name, "exclusive", owner))),
    ...shared.flatMap(([name, owners]) => owners.map((owner) => line(name, "shared", owner))),
  ];
  const byOwner = [...locks.holders.values()].flatMap(({ owner, exclusive, shared }) => [
    ...[...exclusive].map(({ name }) => line(name, "exclusive", owner)),
    ...[...shared ?? []].map(([name]) => line(name, "shared", owner)),
  ]);
  assertEquals(byOwner.sort(), byName.sort(), message);
  for (const { name, holder } of locks.freeHolder.exclusive) {
    assertEquals(
      [holder === locks.freeHolder, holderOfName(locks, name)],
      [true, undefined],
      message,
    );
  }
  for (const { name, holds } of locks.freeShared) {
    assertEquals([holds.size, locks.shared.get(name)?.holds], [0, holds], message);
  }
}
