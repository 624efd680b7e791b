/**
 * Sessions in the slow, obvious model of the pool table: who holds what, what a new consumer gets
 * and who goes for it, and when a session ends. Every function scans all sessions.
 */
import type { PoolModel } from "./pool_model.ts";
import {
  type Done,
  effectiveHave,
  effectiveUsed,
  type ModelPool,
  type ModelResource,
  type ModelSession,
  type Refusal,
} from "./pool_model_values.ts";

export interface ModelGrant {
  resource: string;
  endMs: number;
}

export function endOf({ contactMs, pool }: ModelSession): number {
  return contactMs + pool.latencySeconds * 1000;
}

/** A session is over at the very moment when the latency has passed since its last contact. */
export function expire(model: PoolModel, nowMs: number): void {
  model.sessions = model.sessions.filter((session) => endOf(session) > nowMs);
}

export function consume(
  model: PoolModel,
  poolName: string,
  consumer: string,
  nowMs: number,
): ModelGrant | Refusal {
  const pool = model.poolNamed(poolName);
  if (!pool) return "no pool";
  const held = model.sessions.find((its) => its.pool === pool && its.consumer === consumer);
  if (held) return begin(model, without(model.sessions, held), { ...held, contactMs: nowMs });
  const staying = thoseWhoStay(model.sessions, pool);
  const resource = staying && choose(staying, pool);
  if (!resource) return "no room";
  return begin(model, staying, { pool, consumer, resource, contactMs: nowMs });
}

/** The newest contact is the last in the list. */
function begin(model: PoolModel, others: ModelSession[], session: ModelSession): ModelGrant {
  model.sessions = [...others, session];
  return { resource: session.resource.name, endMs: endOf(session) };
}

export function release(model: PoolModel, poolName: string, consumer: string): void {
  model.sessions = model.sessions.filter((session) =>
    session.pool.name !== poolName || session.consumer !== consumer
  );
}

export function clear(model: PoolModel, poolName: string | undefined): Done {
  return free(model, poolName, Infinity);
}

export function free(model: PoolModel, poolName: string | undefined, number: number): Done {
  if (poolName !== undefined && !model.poolNamed(poolName)) return "no pool";
  const pools = model.poolsMeant(poolName);
  const oldest = model.sessions.filter(({ pool }) => pools.includes(pool)).slice(0, number);
  model.sessions = without(model.sessions, ...oldest);
  return "done";
}

function without(sessions: readonly ModelSession[], ...gone: ModelSession[]): ModelSession[] {
  return sessions.filter((session) => !gone.includes(session));
}

/** Takes new sessions: neither frozen nor locked, and something is left. */
export function isOpen(sessions: readonly ModelSession[], resource: ModelResource): boolean {
  const { frozen, locked, budget } = resource;
  return !frozen && !locked && effectiveUsed(sessions, budget) < effectiveHave(budget);
}

/** DD of queued-DD. */
export function sizeOf(mode: string): number {
  return mode.startsWith("queued-") ? Number(mode.slice("queued-".length)) : Infinity;
}

/** The sessions that are left when the mode has made room for a new consumer; none if it cannot. */
function thoseWhoStay(sessions: ModelSession[], pool: ModelPool): ModelSession[] | undefined {
  const inPool = sessions.filter((session) => session.pool === pool);
  const mayEnd = inPool.filter(({ resource }) => !resource.frozen && !resource.locked);
  const tooMany = Math.max(0, inPool.length - (sizeOf(pool.mode) - 1));
  if (mayEnd.length < tooMany) return undefined;
  const staying = without(sessions, ...mayEnd.slice(0, tooMany));
  if (pool.resources.some((resource) => isOpen(staying, resource))) return staying;
  if (pool.mode === "sticky") return undefined;
  const opens = mayEnd.slice(tooMany).find((session) =>
    isOpen(without(staying, session), session.resource)
  );
  return opens && without(staying, opens);
}

/** Among the open resources, by the seed method; the choice is remembered. */
function choose(sessions: ModelSession[], pool: ModelPool): ModelResource | undefined {
  const open = pool.resources.filter((resource) => isOpen(sessions, resource));
  const best = pool.seed === "serial" || pool.seed === "parallel"
    ? firstFrom(pool, open)
    : least(open, (resource) => load(sessions, pool.seed, resource));
  if (best) pool.cursor = { at: pool.resources.indexOf(best), chosen: true };
  return best;
}

/** The first open one in the circle that starts at the cursor, or for parallel after a choice. */
function firstFrom(
  { resources, cursor: { at, chosen }, seed }: ModelPool,
  open: readonly ModelResource[],
): ModelResource | undefined {
  const start = seed === "parallel" && chosen ? at + 1 : at;
  return [...resources.slice(start), ...resources.slice(0, start)].find((its) =>
    open.includes(its)
  );
}

/** A fraction, so that nothing is rounded. */
type Load = [over: bigint, under: bigint];

function load(sessions: readonly ModelSession[], seed: string, { budget }: ModelResource): Load {
  const used = BigInt(effectiveUsed(sessions, budget));
  return [used, seed === "weighted" ? BigInt(effectiveHave(budget)) : 1n];
}

/** The first of those with the lowest load. */
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

function isLess([over, under]: Load, [otherOver, otherUnder]: Load): boolean {
  return over * otherUnder < otherOver * under;
}
