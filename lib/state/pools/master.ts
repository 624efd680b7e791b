/** Rules of section 2.6: one connection may master the server; its locks end with it. */
import type { Owner } from "../locks/rules.ts";
import { resourcesOf } from "./lookup.ts";
import { isRefused, type Pools, refuse, type Refused } from "./model.ts";
import { setClosed } from "./ranking.ts";

/** (m): nobody else may be master. (M): the caller must be. */
export type MasterRule = "(m)" | "(M)";

/** Refuses what the rule forbids; judged in the same change as what it guards. */
export function judge(pools: Pools, owner: Owner, rule: MasterRule): Refused | undefined {
  if (pools.master === owner) return undefined;
  if (pools.master !== undefined) return refuse("another is master");
  return rule === "(M)" ? refuse("nobody is master") : undefined;
}

export function takeMaster(pools: Pools, owner: Owner): Refused | undefined {
  if (pools.master !== undefined) return refuse("mastered already");
  pools.master = owner;
  return undefined;
}

/** Locks a resource, or unlocks it, in one pool or in all that have it. */
export function setLocked(
  pools: Pools,
  name: string,
  locked: boolean,
  poolName?: string,
): Refused | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefused(found)) return found;
  for (const resource of found) {
    setClosed(resource, { locked });
    if (locked) pools.locked.add(resource);
    else pools.locked.delete(resource);
  }
  return undefined;
}

/** A connection has ended: if it was the master, nobody is now, and nothing is locked. */
export function leaveMaster(pools: Pools, owner: Owner): void {
  if (pools.master !== owner) return;
  pools.master = undefined;
  for (const resource of pools.locked) setClosed(resource, { locked: false });
  pools.locked.clear();
}
