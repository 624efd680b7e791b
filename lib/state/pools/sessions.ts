/**
 * Begins, renews and ends sessions, and keeps the sessions on a resource in a list by last contact.
 * An operation on one session takes O(log n) for n resources in the pool, however many sessions
 * there are.
 */
import { detached } from "../../text.ts";
import { NameTable } from "../../collections/name_table.ts";
import { type Pool, type Pools, PoolSession, type Resource } from "./model.ts";
import { invalidateAgeRank, invalidateBudgetRanks, isClosed, updateAgeRanks } from "./ranking.ts";

/** Begins a session on a resource that has room for it. */
export function beginSession(
  pools: Pools,
  resource: Resource,
  consumer: string,
  nowMs: number,
): PoolSession {
  const slot = takeSlot(resource);
  const contactNumber = ++pools.contactCount;
  const session = new PoolSession(detached(consumer), resource, nowMs, contactNumber, slot);
  session.older = resource.youngest;
  link(session);
  const { pool } = resource;
  pool.sessions.add(session);
  addToCounts(resource, 1);
  setNextExpiry(pools, pool, nowMs + pool.latencyMs);
  return session;
}

/** Records a contact of the consumer. */
export function renewSession(pools: Pools, session: PoolSession, nowMs: number): void {
  if (session.older === undefined) invalidateAgeRank(session.resource);
  unlink(session);
  session.contactMs = nowMs;
  session.contactNumber = ++pools.contactCount;
  session.older = session.resource.youngest;
  session.younger = undefined;
  link(session);
}

export function endSession(session: PoolSession): void {
  detachSession(session);
  discardSession(session);
}

/** The first half of ending a session: it no longer counts, but can still be reattached. */
export function detachSession(session: PoolSession): void {
  unlink(session);
  addToCounts(session.resource, -1);
}

/** Undoes the last `detachSession`; several calls are undone in reverse order. */
export function reattachSession(session: PoolSession): void {
  link(session); // it still refers to its neighbours
  addToCounts(session.resource, 1);
}

/** The second half of ending a session: frees the name and the slot of a detached session. */
export function discardSession(session: PoolSession): void {
  session.resource.pool.sessions.delete(session);
  freeSlot(session);
}

/** Ends all sessions of some pools, in time proportional to the number of their resources. */
export function endAllSessions(pools: Pools, some: Iterable<Pool>): void {
  for (const pool of some) {
    pool.sessions = new NameTable(pools.salt);
    for (const resource of pool.resources) if (resource.sessionCount > 0) clearResource(resource);
  }
}

/** Ends all sessions on some resources. */
export function endSessionsOn(resources: Iterable<Resource>): void {
  for (const resource of resources) {
    const { sessions } = resource.pool;
    for (let session = resource.oldest; session !== undefined; session = session.younger) {
      sessions.delete(session);
    }
    if (resource.sessionCount > 0) clearResource(resource);
  }
}

/** Returns the session of a pool with the oldest contact, if there is one. */
export function oldestSession(pool: Pool): PoolSession | undefined {
  updateAgeRanks(pool);
  return pool.resources[pool.occupied.winner]?.oldest;
}

/** Returns when the session expires unless its consumer makes contact. */
export function sessionEndMs({ contactMs, resource }: PoolSession): number {
  return contactMs + resource.pool.latencyMs;
}

/**
 * Ends the sessions that have expired at `nowMs`, at most `limit` of them; returns false if some
 * are left. Takes one comparison if no session is due. If all sessions of a pool are due, the time
 * is proportional to the number of its resources.
 */
export function expireSessions(pools: Pools, nowMs: number, limit = Infinity): boolean {
  for (let remaining = limit;;) {
    const pool = pools.list[pools.byExpiry.winner];
    if (pool === undefined || pool.nextExpiryMs > nowMs) return true;
    let oldest = oldestSession(pool);
    for (let ended = 0; hasExpired(oldest, nowMs); oldest = oldestSession(pool)) {
      if (remaining <= 0) return false;
      const countMax = Math.min(remaining, EXPIRY_RUN_MAX);
      const count = expireOn(oldest.resource, nowMs, countMax);
      remaining -= count;
      ended += count;
      pools.workSinceClockRead += count;
      const { resources, sessions: { size } } = pool;
      if (ended < resources.length || size > remaining) continue;
      // Has the whole pool expired? At least as many sessions have ended as there are resources, so
      // checking all resources is comparatively cheap.
      ended = 0;
      if (resources.some(({ youngest }) => youngest && !hasExpired(youngest, nowMs))) continue;
      endAllSessions(pools, [pool]);
      remaining -= size;
    }
    setNextExpiry(pools, pool, oldest === undefined ? Infinity : sessionEndMs(oldest), "exactly");
  }
}

/** How many sessions of one resource end before the other resources are considered. */
const EXPIRY_RUN_MAX = 1000;

function hasExpired(session: PoolSession | undefined, nowMs: number): session is PoolSession {
  return session !== undefined && sessionEndMs(session) <= nowMs;
}

/** Ends the expired sessions on a resource, at most `limit`; returns how many. */
function expireOn(resource: Resource, nowMs: number, limit: number): number {
  const { freeSlots, pool: { sessions } } = resource;
  let [ended, session] = [0, resource.oldest];
  for (; ended < limit && hasExpired(session, nowMs); session = session.younger) {
    sessions.delete(session);
    freeSlots.push(session.slot);
    ended++;
  }
  resource.oldest = session;
  if (session === undefined) resource.youngest = undefined;
  else session.older = undefined;
  addToCounts(resource, -ended); // a single call, so that the resource is ranked once
  if (resource.sessionCount === 0) clearSlots(resource);
  return ended;
}

/**
 * Records when the first session of a pool may expire: at `atMs`, unless an earlier time is
 * recorded already. With "exactly", replaces an earlier time, too.
 */
export function setNextExpiry(pools: Pools, pool: Pool, atMs: number, exactly?: "exactly"): void {
  if (atMs >= pool.nextExpiryMs && exactly === undefined) return;
  pool.nextExpiryMs = atMs;
  pools.byExpiry.set(pool.index, atMs < Infinity, true);
}

/** Removes all sessions from a resource; the caller removes them from the pool. */
function clearResource(resource: Resource): void {
  resource.oldest = undefined;
  resource.youngest = undefined;
  addToCounts(resource, -resource.sessionCount);
  clearSlots(resource);
}

/** Returns a slot for a new session, a free one first: a listing keeps one bit for each slot. */
function takeSlot(resource: Resource): number {
  return resource.freeSlots.pop() ?? resource.slotCount++;
}

/** Frees the slot of a session that no longer counts. */
function freeSlot({ resource, slot }: PoolSession): void {
  if (resource.sessionCount > 0) resource.freeSlots.push(slot);
  else clearSlots(resource);
}

function clearSlots(resource: Resource): void {
  resource.slotCount = 0;
  if (resource.freeSlots.length > 0) resource.freeSlots = [];
}

function addToCounts(resource: Resource, difference: number): void {
  resource.sessionCount += difference;
  if (isClosed(resource)) resource.pool.pinnedCount += difference;
  resource.budget.counted += difference;
  invalidateBudgetRanks(resource.budget);
}

/** Inserts a session between the neighbours it refers to. */
function link(session: PoolSession): void {
  const { resource, older, younger } = session;
  if (older === undefined) resource.oldest = session;
  else older.younger = session;
  if (younger === undefined) resource.youngest = session;
  else younger.older = session;
}

/** Removes a session from the list; it still refers to its neighbours. */
function unlink({ resource, older, younger }: PoolSession): void {
  if (older === undefined) resource.oldest = younger;
  else older.younger = younger;
  if (younger === undefined) resource.youngest = older;
  else younger.older = older;
}
