/**
 * Lock tables as text, so that a test shows what was and what became of it: "a=1 b~1,2" says that
 * owner 1 holds the exclusive lock "a", and 1 and 2, in this order, the shared lock "b".
 */
import { type Locks, newLocks } from "../../lib/state/locks.ts";
import { NameSet } from "../../lib/state/names.ts";
import { assertEquals } from "./assert.ts";

/** Makes a table without using a rule. */
export function tableOf(text: string): Locks {
  const locks = newLocks();
  const holdingsOf = (owner: number) => {
    const known = locks.holdings.get(owner);
    const holdings = known ?? { exclusive: new NameSet(), shared: new NameSet() };
    locks.holdings.set(owner, holdings);
    return holdings;
  };
  for (const [, name, kind, holders] of text.matchAll(/([^ =~]*)([=~])([\d,]+)/g)) {
    const owners = holders!.split(",").map(Number);
    if (kind === "~") locks.shared.set(name!, new Set(owners));
    else locks.exclusive.set(name!, owners[0]!);
    for (const owner of owners) {
      holdingsOf(owner)[kind === "~" ? "shared" : "exclusive"].add(name!);
    }
  }
  return locks;
}

/** The table as text: exclusive locks in the order they were taken, then shared ones. */
export function textOfTable({ exclusive, shared }: Locks): string {
  return [
    ...[...exclusive].map(([name, owner]) => `${name}=${owner}`),
    ...[...shared].map(([name, owners]) => `${name}~${[...owners].join(",")}`),
  ].join(" ");
}

/** All that is in the table, as arrays: two tables can be compared so. */
export function plain(locks: Locks): unknown {
  return [
    [...locks.exclusive],
    [...locks.shared].map(([name, owners]) => [name, [...owners]]),
    [...locks.holdings].map((
      [owner, { exclusive, shared }],
    ) => [owner, [...exclusive], [...shared]]),
  ];
}

/** Laws 4 and 5 of the table: no lock without a holder, and `holdings` says the same by owner. */
export function assertLaws(locks: Locks, message?: string): void {
  const unheld = [...locks.shared].filter(([, owners]) => owners.size === 0);
  assertEquals(unheld, [], message);
  const byName = [
    ...[...locks.exclusive].map(([name, owner]) => JSON.stringify([name, "exclusive", owner])),
    ...[...locks.shared].flatMap(([name, owners]) =>
      [...owners].map((owner) => JSON.stringify([name, "shared", owner]))
    ),
  ];
  const byOwner = [...locks.holdings].flatMap(([owner, { exclusive, shared }]) => [
    ...[...exclusive].map((name) => JSON.stringify([name, "exclusive", owner])),
    ...[...shared].map((name) => JSON.stringify([name, "shared", owner])),
  ]);
  assertEquals(byOwner.sort(), byName.sort(), message);
}
