/**
 * Lock tables as text, so that a test shows what was and what became of it: "a=1 b~1,2" says that
 * owner 1 holds the exclusive lock "a", and 1 and 2, in this order, the shared lock "b".
 */
import {
  hold,
  holderOf,
  type LockHolder,
  lockOf,
  transferExclusive,
} from "../../lib/state/locks/store.ts";
import {
  countLocks,
  holderOfName,
  holdersShared,
  listLocks,
  listShared,
  type LockStore,
  newLocks,
} from "../../lib/state/locks/rules.ts";
import { type Departure, type Leave, leave as leaveSo } from "../../lib/state/locks/departure.ts";
import { assertEquals } from "./assert.ts";

/** Makes a table without using a rule. */
export function tableOf(text: string): LockStore {
  const locks = newLocks();
  for (const [, name, kind, holders] of text.matchAll(/([^ =~]*)([=~])([\d,]+)/g)) {
    for (const owner of holders!.split(",").map(Number)) {
      if (kind === "~") hold(locks, name!, holderOf(locks, owner), 0);
      else transferExclusive(lockOf(locks, name!), holderOf(locks, owner));
    }
  }
  return locks;
}

/** Every lock with its holders, exclusive ones first; nobody may be departing. */
export function holdersOfAll(
  locks: LockStore,
): { exclusive: [string, number[]][]; shared: [string, number[]][] } {
  const names = (list: Iterable<string | undefined>) =>
    [...list].filter((name) => name !== undefined);
  return {
    exclusive: names(listLocks(locks)).map((name) => [name, [holderOfName(locks, name)!.owner]]),
    shared: names(listShared(locks)).map((name) => [
      name,
      holdersShared(locks, name).map(({ owner }) => owner),
    ]),
  };
}

/** The table as text: exclusive locks in the order they were taken, then shared ones. */
export function textOfTable(locks: LockStore): string {
  const { exclusive, shared } = holdersOfAll(locks);
  return [
    ...exclusive.map(([name, owners]) => `${name}=${owners}`),
    ...shared.map(([name, owners]) => `${name}~${owners}`),
  ].join(" ");
}

/** A departure without grace. */
export function leave(locks: LockStore, owner: number, withNames = false): Departure {
  return leaveSo(locks, owner, { ...CLOSED, withNames });
}

const CLOSED: Leave = {
  how: "closed",
  when: { nowMs: 0 },
  name: "",
  address: "",
  secret: "",
  withGrace: false,
  withNames: false,
};

/** All that is taken, as arrays: two tables can be compared so. */
export function plain(locks: LockStore): unknown {
  return [holdersOfAll(locks), [...locks.holders.values()].map(heldBy).filter(({ all }) => all)];
}

function heldBy({ owner, exclusive, shared }: LockHolder): Record<string, unknown> {
  const names = [...exclusive].map(({ name }) => name);
  const sharedNames = [...shared ?? []].map(([name]) => name);
  return { owner, names, sharedNames, all: names.length + sharedNames.length };
}

/** That both directions say the same, the counts as well, and that what is free, is among the free. */
export function assertLaws(locks: LockStore, message?: string): void {
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
  for (const { name, holder } of locks.free.exclusive) {
    assertEquals([holder === locks.free, holderOfName(locks, name)], [true, undefined], message);
  }
  for (const { name, holds } of locks.freeShared) {
    assertEquals([holds.size, locks.shared.get(name)?.holds], [0, holds], message);
  }
}
