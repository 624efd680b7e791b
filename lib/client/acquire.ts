/** Taking a lock: on a connection of its own, again on another one when that breaks meanwhile. */
import type { Values } from "../wire/extended.ts";
import { comeBack, disown, type Memory } from "./resume.ts";
import { ConnectionError, LockLostError, RequestError, TimeoutError } from "./errors.ts";
import { type GrantTerms, HeldLock } from "./held_lock.ts";
import { LockConnection } from "./lock_connection.ts";
import { errorOf } from "./refusals.ts";
import type { SessionPool } from "./session_pool.ts";
import { unlessAborted } from "./abort.ts";
import type { AcquireOptions, Lock } from "./types.ts";
import { checkNames, checkText } from "./validate.ts";

interface Wish extends GrantTerms {
  readonly values: Values;
  /** How long to wait; Infinity: for ever. */
  readonly waitMs: number;
}

/** What `Client.acquire` does. */
export async function acquire(
  sessions: SessionPool,
  names: string | readonly string[],
  options: AcquireOptions,
): Promise<Lock> {
  const { signal } = options;
  signal?.throwIfAborted();
  const wish = wishOf(typeof names === "string" ? [names] : [...names], options);
  if (options.with !== undefined) return await acquireWith(options.with, wish, signal);
  const startMs = performance.now();
  const untilMs = startMs + wish.waitMs;
  // What was granted at the moment when a connection broke is kept by its grace, and comes along.
  const memories: Memory[] = [];
  let home = new LockConnection(sessions, await sessions.take(signal));
  for (let isFirst = true;; isFirst = false) {
    try {
      if (!isFirst) {
        home = new LockConnection(
          sessions,
          (await comeBack(sessions, memories, untilMs, signal)).session,
        );
      }
      return await ask(home, wish, Math.max(0, untilMs - performance.now()), signal);
    } catch (error) {
      const isBroken = error instanceof ConnectionError && !home.isOpen && sessions.reconnects;
      const isOver = !isFirst && performance.now() >= untilMs;
      if (wish.graceMs > 0 && home.memory !== undefined) memories.unshift(home.memory);
      if (isBroken && !isOver && !signal?.aborted && !sessions.isClosed) continue;
      disown(sessions, memories, wish.graceMs);
      throw error;
    }
  }
}

async function ask(
  home: LockConnection,
  wish: Wish,
  leftMs: number,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  const giveUp = () => home.quit();
  signal?.addEventListener("abort", giveUp);
  try {
    signal?.throwIfAborted(); // since the connection was asked for
    const lock = await grantOf(home, wish, leftMs);
    if (!signal?.aborted) return lock;
    lock.end();
    throw signal.reason;
  } catch (error) {
    home.abandon().catch(() => {});
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

/** On the connection of another lock. Giving up cannot end that, so what comes late is given back. */
async function acquireWith(
  other: Lock,
  wish: Wish,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  if (!(other instanceof HeldLock)) throw new RequestError("with must be a lock of this library");
  if (!other.isHeld || !other.home.isOpen) throw new LockLostError(other.names, "gone");
  const granted = grantOf(other.home, wish, wish.waitMs);
  const lock = await unlessAborted(granted, signal);
  if (lock !== undefined) return lock;
  granted.then((late) => late.release(), () => {});
  throw signal?.reason;
}

async function grantOf(home: LockConnection, wish: Wish, waitMs: number): Promise<HeldLock> {
  const wait = waitMs === Infinity ? "forever" : Math.ceil(waitMs) || undefined;
  const reply = await home.acquire(wish.names, { ...wish.values, wait });
  if (reply.word === "acquired") {
    const lock = new HeldLock(home, wish, reply);
    home.add(lock);
    return lock;
  }
  const error = errorOf(reply, "acquire", wish.names);
  // The last of several attempts did not wait, but all of them together did.
  const isOver = error.code === "busy" && waitMs < wish.waitMs;
  throw isOver ? new TimeoutError(wish.waitMs, error as TimeoutError) : error;
}

function wishOf(names: readonly string[], options: AcquireOptions): Wish {
  checkNames(names);
  const { wait = 0, mode = "exclusive", max, priority, lease, grace, why } = options;
  if (why !== undefined) checkText(why, "why");
  for (const [key, value] of Object.entries({ wait, max, priority, lease, grace })) {
    if (value === undefined || value === "forever") continue;
    if (!Number.isInteger(value)) throw new RequestError(`${key} must be a whole number`);
  }
  if (wait !== "forever" && wait < 0) throw new RequestError("wait must be at least 0");
  return {
    names,
    mode,
    leaseMs: lease ?? 0,
    graceMs: grace ?? 0,
    waitMs: wait === "forever" ? Infinity : wait,
    values: { mode: mode === "exclusive" ? undefined : mode, max, priority, lease, grace, why },
  };
}
