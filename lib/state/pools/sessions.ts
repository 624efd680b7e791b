/**
 * Sessions: begin, renew, end, and the order they stand in on their resource, by last contact.
 * Each costs O(log of the pool's resources), whatever the number of sessions.
 */
import { detached } from "../../text.ts";
import { NameTable } from "../../collections/name_table.ts";
import { type Pool, type Pools, PoolSession, type Resource } from "./model.ts";
import { changed, isClosed, outdateAge, rankAge } from "./ranking.ts";

/** A new session on a resource that has room for it. */
export function begin(
  pools: Pools,
  resource: Resource,
  consumer: string,
  nowMs: number,
): PoolSession {
  const seat = takeSeat(resource);
  const session = new PoolSession(detached(consumer), resource, nowMs, ++pools.contacts, seat);
  session.older = resource.youngest;
  link(session);
  const { pool } = resource;
  pool.sessions.add(session);
  count(resource, 1);
  expectEnd(pools, pool, nowMs + pool.latencyMs);
  return session;
}

/** The consumer has shown itself again. */
export function renew(pools: Pools, session: PoolSession, nowMs: number): void {
  if (session.older === undefined) outdateAge(session.resource);
  unlink(session);
  session.contactMs = nowMs;
  session.order = ++pools.contacts;
  session.older = session.resource.youngest;
  session.younger = undefined;
  link(session);
}

export function end(session: PoolSession): void {
  takeOut(session);
  forget(session);
}

/** The first half of an end: nobody counts the session any more, but it may still be put back. */
export function takeOut(session: PoolSession): void {
  unlink(session);
  count(session.resource, -1);
}

/** Takes back the last `takeOut`; several in reverse order. */
export function putBack(session: PoolSession): void {
  link(session); // it still knows its neighbours
  count(session.resource, 1);
}

/** The second half: its name and its seat are free. */
export function forget(session: PoolSession): void {
  session.resource.pool.sessions.delete(session);
  leaveSeat(session);
}

/** Ends all sessions of some pools, at the cost of their resources. */
export function endAll(pools: Pools, some: Iterable<Pool>): void {
  for (const pool of some) {
    pool.sessions = new NameTable(pools.salt);
    for (const resource of pool.resources) if (resource.held > 0) empty(resource);
  }
}

/** Ends all sessions on some resources. */
export function endSessions(resources: Iterable<Resource>): void {
  for (const resource of resources) {
    const { sessions } = resource.pool;
    for (let session = resource.oldest; session !== undefined; session = session.younger) {
      sessions.delete(session);
    }
    if (resource.held > 0) empty(resource);
  }
}

/** The session of a pool that has been longest without contact. */
export function oldestOf(pool: Pool): PoolSession | undefined {
  rankAge(pool);
  return pool.resources[pool.heldByAge.winner]?.oldest;
}

/** When the session ends if its consumer does not show itself. */
export function endMs({ contactMs, resource }: PoolSession): number {
  return contactMs + resource.pool.latencyMs;
}

/**
 * Ends the sessions whose time is over at `nowMs`, at most `limit` of them; false when some are
 * left. Without anything due, it costs one comparison; when all of a pool is, its resources.
 */
export function expire(pools: Pools, nowMs: number, limit = Infinity): boolean {
  for (let left = limit;;) {
    const pool = pools.list[pools.due.winner];
    if (pool === undefined || pool.dueMs > nowMs) return true;
    let oldest = oldestOf(pool);
    for (let ended = 0; isOver(oldest, nowMs); oldest = oldestOf(pool)) {
      if (left <= 0) return false;
      const some = endOver(oldest.resource, nowMs, Math.min(left, EXPIRED_TOGETHER));
      left -= some;
      ended += some;
      pools.toil += some;
      const { resources, sessions: { size } } = pool;
      if (ended < resources.length || size > left) continue;
      // So many have ended that a look at all resources does not matter: is it all over here?
      ended = 0;
      if (resources.some(({ youngest }) => youngest && !isOver(youngest, nowMs))) continue;
      endAll(pools, [pool]);
      left -= size;
    }
    expectEnd(pools, pool, oldest === undefined ? Infinity : endMs(oldest), "exactly");
  }
}

/** How many sessions of one resource end before we look at the others. */
const EXPIRED_TOGETHER = 1000;

function isOver(session: PoolSession | undefined, nowMs: number): session is PoolSession {
  return session !== undefined && endMs(session) <= nowMs;
}

/** Ends the sessions on a resource whose time is over, at most `limit`; returns how many. */
function endOver(resource: Resource, nowMs: number, limit: number): number {
  const { freeSeats, pool: { sessions } } = resource;
  let [ended, session] = [0, resource.oldest];
  for (; ended < limit && isOver(session, nowMs); session = session.younger) {
    sessions.delete(session);
    freeSeats.push(session.seat);
    ended++;
  }
  resource.oldest = session;
  if (session === undefined) resource.youngest = undefined;
  else session.older = undefined;
  count(resource, -ended); // once, so that it is ranked once
  if (resource.held === 0) clearSeats(resource);
  return ended;
}

/** Notes when the first session of a pool may end: at `dueMs`, or earlier if that was known. */
export function expectEnd(pools: Pools, pool: Pool, dueMs: number, exactly?: "exactly"): void {
  if (dueMs >= pool.dueMs && exactly === undefined) return;
  pool.dueMs = dueMs;
  pools.due.set(pool.index, dueMs < Infinity, true);
}

function empty(resource: Resource): void {
  resource.oldest = undefined;
  resource.youngest = undefined;
  count(resource, -resource.held);
  clearSeats(resource);
}

/** A number for a new session, as low as possible: a listing keeps one bit for each. */
function takeSeat(resource: Resource): number {
  return resource.freeSeats.pop() ?? resource.seats++;
}

/** For a session that nobody counts any more. */
function leaveSeat({ resource, seat }: PoolSession): void {
  if (resource.held > 0) resource.freeSeats.push(seat);
  else clearSeats(resource);
}

function clearSeats(resource: Resource): void {
  resource.seats = 0;
  if (resource.freeSeats.length > 0) resource.freeSeats = [];
}

function count(resource: Resource, more: number): void {
  resource.held += more;
  if (isClosed(resource)) resource.pool.pinned += more;
  resource.budget.counted += more;
  changed(resource.budget);
}

/** Puts a session between the neighbours it names. */
function link(session: PoolSession): void {
  const { resource, older, younger } = session;
  if (older === undefined) resource.oldest = session;
  else older.younger = session;
  if (younger === undefined) resource.youngest = session;
  else younger.older = session;
}

/** Takes a session out; it still names its neighbours. */
function unlink({ resource, older, younger }: PoolSession): void {
  if (older === undefined) resource.oldest = younger;
  else older.younger = younger;
  if (younger === undefined) resource.youngest = older;
  else younger.older = older;
}
