/** Acquires locks, each on its own connection; retries on a new one if that breaks. */
import type { Values } from "../wire/extended.ts";
import { unlessAborted } from "./abort.ts";
import { BusyError, ConnectionError, LockLostError, RequestError, TimeoutError } from "./errors.ts";
import { type GrantTerms, HeldLock, type LockOwner } from "./held_lock.ts";
import { LockConnection } from "./lock_connection.ts";
import { errorOf } from "./refusals.ts";
import { type DetachedSession, releaseDetached, resume } from "./resume.ts";
import type { SessionPool } from "./session_pool.ts";
import type { AcquireOptions, Lock } from "./types.ts";
import { checkNames, checkText } from "./validate.ts";

interface AcquireRequest extends GrantTerms {
  readonly values: Values;
  /** Infinity: without limit. */
  readonly waitMs: number;
}

/** Implements `Client.acquire`. */
export async function acquire(
  sessions: SessionPool,
  names: string | readonly string[],
  options: AcquireOptions,
): Promise<Lock> {
  const { signal } = options;
  signal?.throwIfAborted();
  const request = requestOf(typeof names === "string" ? [names] : [...names], options);
  if (options.with !== undefined) return await acquireWith(options.with, request, signal);
  const startMs = performance.now();
  const untilMs = startMs + request.waitMs;
  // Grace keeps a lock that was granted as its connection broke; the next attempt takes it back.
  const detached: DetachedSession[] = [];
  let connection = new LockConnection(sessions, await sessions.take(signal));
  for (let isFirst = true;; isFirst = false) {
    try {
      if (!isFirst) {
        const { session } = await resume(sessions, detached, untilMs, signal);
        connection = new LockConnection(sessions, session);
      }
      return await attempt(connection, request, Math.max(0, untilMs - performance.now()), signal);
    } catch (error) {
      const isBroken = error instanceof ConnectionError && !connection.isOpen;
      const isTimeUp = !isFirst && performance.now() >= untilMs;
      const session = connection.detachedSession;
      if (request.graceMs > 0 && session !== undefined) detached.unshift(session);
      const mayRetry = isBroken && sessions.reconnects && !sessions.isClosed;
      if (mayRetry && !isTimeUp && !signal?.aborted) continue;
      releaseDetached(sessions, detached, request.graceMs);
      throw error;
    }
  }
}

async function attempt(
  connection: LockConnection,
  request: AcquireRequest,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  const onAbort = () => connection.close();
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted(); // it may have aborted while the connection was opened
    const lock = await requestLock(connection, request, waitMs);
    if (!signal?.aborted) return lock;
    lock.end();
    throw signal.reason;
  } catch (error) {
    connection.discard().catch(() => {});
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Acquires on the connection of another lock. An abort must not close that connection, so a lock
 * granted after the abort is released.
 */
async function acquireWith(
  other: Lock,
  request: AcquireRequest,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  if (!(other instanceof HeldLock)) throw optionError("with", "a lock of this library");
  if (!other.isHeld || !other.owner.isOpen) throw new LockLostError(other.names, "gone");
  const granted = requestLock(other.owner, request, request.waitMs);
  const lock = await unlessAborted(granted, signal);
  if (lock !== undefined) return lock;
  granted.then((late) => late.release(), () => {});
  throw signal?.reason;
}

async function requestLock(
  owner: LockOwner,
  request: AcquireRequest,
  waitMs: number,
): Promise<HeldLock> {
  const wait = waitMs === Infinity ? "forever" : Math.ceil(waitMs) || undefined;
  const reply = await owner.acquire(request.names, { ...request.values, wait });
  if (reply.word === "acquired") {
    const lock = new HeldLock(owner, request, reply);
    owner.add(lock);
    return lock;
  }
  const error = errorOf(reply, "acquire", request.names);
  // This attempt did not wait, but earlier ones did.
  const hasWaited = error instanceof BusyError && waitMs < request.waitMs;
  throw hasWaited ? new TimeoutError(request.waitMs, error) : error;
}

function requestOf(names: readonly string[], options: AcquireOptions): AcquireRequest {
  checkNames(names);
  const { wait = 0, mode = "exclusive", max, priority, lease, grace, why } = options;
  if (why !== undefined) checkText(why, "why");
  for (const [key, value] of Object.entries({ wait, max, priority, lease, grace })) {
    if (value === undefined || value === "forever") continue;
    if (!Number.isInteger(value)) throw optionError(key, "an integer");
  }
  if (wait !== "forever" && wait < 0) throw optionError("wait", "at least 0");
  return {
    names,
    mode,
    leaseMs: lease ?? 0,
    graceMs: grace ?? 0,
    waitMs: wait === "forever" ? Infinity : wait,
    values: { mode: mode === "exclusive" ? undefined : mode, max, priority, lease, grace, why },
  };
}

function optionError(key: string, expected: string): RequestError {
  return new RequestError(`Cannot acquire the lock: the option "${key}" must be ${expected}`);
}
