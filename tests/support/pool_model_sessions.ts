/**
 * Sessions in the reference model of the pool table: which resource a new consumer gets, which
 * sessions are evicted for it, and when a session expires. Every function scans all sessions.
 */
import type { PoolModel } from "./pool_model.ts";
import {
  effectiveHave,
  effectiveUsed,
  type ModelOutcome,
  type ModelPool,
  type ModelRefusal,
  type ModelResource,
  type ModelSession,
} from "./pool_model_values.ts";

export interface ModelGrant {
  resource: string;
  endMs: number;
}

export function endMsOf({ contactMs, pool }: ModelSession): number {
  return contactMs + pool.latencySeconds * 1000;
}

/** Ends the expired sessions: exactly when the latency has passed since the last contact. */
export function expire(model: PoolModel, nowMs: number): void {
  model.sessions = model.sessions.filter((session) => endMsOf(session) > nowMs);
}

export function consume(
  model: PoolModel,
  poolName: string,
  consumer: string,
  nowMs: number,
): ModelGrant | ModelRefusal {
  const pool = model.poolNamed(poolName);
  if (!pool) return "no pool";
  const existing = model.sessions.find((its) => its.pool === pool && its.consumer === consumer);
  if (existing) {
    return begin(model, without(model.sessions, existing), { ...existing, contactMs: nowMs });
  }
  const remaining = remainingSessions(model.sessions, pool);
  const resource = remaining && choose(remaining, pool);
  if (!resource) return "no room";
  return begin(model, remaining, { pool, consumer, resource, contactMs: nowMs });
}

/** Appends the session: the newest contact is the last in the list. */
function begin(model: PoolModel, others: ModelSession[], session: ModelSession): ModelGrant {
  model.sessions = [...others, session];
  return { resource: session.resource.name, endMs: endMsOf(session) };
}

export function release(model: PoolModel, poolName: string, consumer: string): void {
  model.sessions = model.sessions.filter((session) =>
    session.pool.name !== poolName || session.consumer !== consumer
  );
}

export function clear(model: PoolModel, poolName: string | undefined): ModelOutcome {
  return free(model, poolName, Infinity);
}

export function free(model: PoolModel, poolName: string | undefined, number: number): ModelOutcome {
  if (poolName !== undefined && !model.poolNamed(poolName)) return "no pool";
  const pools = model.selectPools(poolName);
  const oldest = model.sessions.filter(({ pool }) => pools.includes(pool)).slice(0, number);
  model.sessions = without(model.sessions, ...oldest);
  return "done";
}

function without(sessions: readonly ModelSession[], ...removed: ModelSession[]): ModelSession[] {
  return sessions.filter((session) => !removed.includes(session));
}

/** Returns whether a resource accepts new sessions: not frozen, not locked, not full. */
export function isOpen(sessions: readonly ModelSession[], resource: ModelResource): boolean {
  const { frozen, locked, budget } = resource;
  return !frozen && !locked && effectiveUsed(sessions, budget) < effectiveHave(budget);
}

/** Returns the DD of queued-DD. */
export function sizeOf(mode: string): number {
  return mode.startsWith("queued-") ? Number(mode.slice("queued-".length)) : Infinity;
}

/** Returns the sessions that remain when the mode has made room; undefined if it cannot. */
function remainingSessions(sessions: ModelSession[], pool: ModelPool): ModelSession[] | undefined {
  const inPool = sessions.filter((session) => session.pool === pool);
  const evictable = inPool.filter(({ resource }) => !resource.frozen && !resource.locked);
  const excess = Math.max(0, inPool.length - (sizeOf(pool.mode) - 1));
  if (evictable.length < excess) return undefined;
  const remaining = without(sessions, ...evictable.slice(0, excess));
  if (pool.resources.some((resource) => isOpen(remaining, resource))) return remaining;
  if (pool.mode === "sticky") return undefined;
  const opener = evictable.slice(excess).find((session) =>
    isOpen(without(remaining, session), session.resource)
  );
  return opener && without(remaining, opener);
}

/** Chooses among the open resources by the seed method, and records the choice. */
function choose(sessions: ModelSession[], pool: ModelPool): ModelResource | undefined {
  const open = pool.resources.filter((resource) => isOpen(sessions, resource));
  const best = pool.seed === "serial" || pool.seed === "parallel"
    ? firstFrom(pool, open)
    : least(open, (resource) => load(sessions, pool.seed, resource));
  if (best) pool.cursor = { at: pool.resources.indexOf(best), chosen: true };
  return best;
}

/** Returns the first open resource, cyclically, from the cursor; for parallel, after a choice. */
function firstFrom(
  { resources, cursor: { at, chosen }, seed }: ModelPool,
  open: readonly ModelResource[],
): ModelResource | undefined {
  const start = seed === "parallel" && chosen ? at + 1 : at;
  return [...resources.slice(start), ...resources.slice(0, start)].find((its) =>
    open.includes(its)
  );
}

/** An exact fraction. */
type Load = [numerator: bigint, denominator: bigint];

function load(sessions: readonly ModelSession[], seed: string, { budget }: ModelResource): Load {
  const used = BigInt(effectiveUsed(sessions, budget));
  return [used, seed === "weighted" ? BigInt(effectiveHave(budget)) : 1n];
}

/** Returns the resource with the lowest load; of equals, the first. */
function least(
  open: readonly ModelResource[],
  loadOf: (resource: ModelResource) => Load,
): ModelResource | undefined {
  let best: ModelResource | undefined;
  for (const resource of open) {
    if (!best || isLess(loadOf(resource), loadOf(best))) best = resource;
  }
  return best;
}

function isLess([a, b]: Load, [c, d]: Load): boolean {
  return a * d < c * b;
}
