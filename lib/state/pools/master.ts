/** Rules of section 2.6: one connection may be the master; its locks end with the connection. */
import type { Owner } from "../locks/party.ts";
import { resourcesOf } from "./lookup.ts";
import { isRefusal, type PoolRefusal, type Pools, refuse } from "./model.ts";
import { setClosed } from "./ranking.ts";

/** (m): no other connection may be the master. (M): the caller must be the master. */
export type MasterRule = "(m)" | "(M)";

/** Checks the rule. Call it in the same change as the command that it guards. */
export function checkMaster(
  pools: Pools,
  owner: Owner,
  rule: MasterRule,
): PoolRefusal | undefined {
  if (pools.master === owner) return undefined;
  if (pools.master !== undefined) return refuse("another is master");
  return rule === "(M)" ? refuse("no master") : undefined;
}

export function takeMaster(pools: Pools, owner: Owner): PoolRefusal | undefined {
  if (pools.master !== undefined) return refuse("master exists");
  pools.master = owner;
  return undefined;
}

/** Locks a resource, or unlocks it, in one pool or in all that have it. */
export function setLocked(
  pools: Pools,
  name: string,
  locked: boolean,
  poolName?: string,
): PoolRefusal | undefined {
  const found = resourcesOf(pools, name, poolName);
  if (isRefusal(found)) return found;
  for (const resource of found) {
    setClosed(resource, { locked });
    if (locked) pools.locked.add(resource);
    else pools.locked.delete(resource);
  }
  return undefined;
}

/** If a connection that has ended was the master, ends its mastership and all its locks. */
export function leaveMaster(pools: Pools, owner: Owner): void {
  if (pools.master !== owner) return;
  pools.master = undefined;
  for (const resource of pools.locked) setClosed(resource, { locked: false });
  pools.locked.clear();
}
