/**
 * The wait queues for locks. Waiters are granted locks strictly in order. Pure: no I/O.
 *
 * Rules
 * 1. Whatever releases a lock or removes a waiter also grants the lock to the next waiters before it
 *    returns, so no other request can take the lock first.
 * 2. While the head of a queue cannot be granted its request, no waiter behind it is. A request for
 *    several names is granted when it is at the head of all their queues and all names are free.
 * 3. A waiter whose connection is gone is granted nothing.
 */
import type { TimeSource } from "../../clock.ts";
import { NOT_QUEUED } from "../../collections/timer_queue.ts";
import { detached } from "../../text.ts";
import { conflictsOf, grant, isFree, ownHold } from "./grant.ts";
import type { AcquireRequest } from "./lock_request.ts";
import type { ExpiryTimer, LockHolder, LockWaiter } from "./model.ts";
import { NameQueue } from "./name_queue.ts";
import type { WaitListener } from "./outcome.ts";
import type { LockStore } from "./store.ts";

/**
 * The priority of a waiter that already holds the name, for example to change its mode. Higher than any
 * requested priority: no other client can be granted the name first.
 */
const HOLDER_PRIORITY = 1_000_000;

/** Returns the priority of a request in the queue of `name`. */
export function priorityOf(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
  name: string,
): number {
  return ownHold(locks, holder, request, name) === undefined ? request.priority : HOLDER_PRIORITY;
}

/** Yields the names that `holder` holds and others wait for; iterates over whichever is smaller. */
export function* contendedNames(locks: LockStore, holder: LockHolder): Iterable<string> {
  const { queues } = locks;
  const { exclusive, shared } = holder;
  if (queues.size === 0) return;
  if (exclusive.size + (shared?.size ?? 0) > queues.size) {
    for (const [name] of queues) {
      const isExclusive = locks.exclusive.get(name)?.holder === holder;
      if (isExclusive || shared?.get(name) !== undefined) yield name;
    }
    return;
  }
  for (const { name } of exclusive) if (queues.get(name) !== undefined) yield name;
  for (const [name] of shared ?? []) if (queues.get(name) !== undefined) yield name;
}

/** Adds a waiter to the queue of each name. */
export function enqueue(
  locks: LockStore,
  holder: LockHolder,
  original: AcquireRequest,
  waitMs: number,
  listener: WaitListener,
  { nowMs }: TimeSource,
): void {
  const why = original.why === undefined ? undefined : detached(original.why);
  const request = { ...original, names: original.names.map(detached), why };
  const atMs = nowMs + waitMs;
  const timer: ExpiryTimer = {
    atMs,
    index: NOT_QUEUED,
    hold: undefined,
    waiter: undefined,
  };
  const serial = ++locks.lastWaiterSerial;
  const waiter: LockWaiter = {
    holder,
    request,
    listener,
    serial,
    sinceMs: nowMs,
    entries: [],
    timer,
  };
  timer.waiter = waiter;
  const conflicts = conflictsOf(request);
  // `map` allocates the exact size; an array that grows by `push` reserves more.
  waiter.entries = request.names.map((name) => {
    const priority = priorityOf(locks, holder, request, name);
    return queueOf(locks, name).add(waiter, priority, conflicts);
  });
  holder.waiter = waiter;
  if (atMs < Infinity) locks.timers.add(waiter.timer);
  if (holder.exclusive.size + (holder.shared?.size ?? 0) > 0) locks.waitingHolders.add(holder);
  locks.waiterCount++;
  locks.eventLog?.waitStarted(waiter);
}

function queueOf({ queues }: LockStore, name: string): NameQueue<LockWaiter> {
  const known = queues.get(name);
  if (known !== undefined) return known;
  const queue = new NameQueue<LockWaiter>(name);
  queues.add(queue);
  return queue;
}

/** Removes a waiter from all queues. Returns the names whose queues it headed, for `grantNextForAll`. */
function dequeue(locks: LockStore, waiter: LockWaiter): string[] {
  const { holder, entries, timer } = waiter;
  const unblocked: string[] = [];
  for (const entry of entries) {
    if (entry.queue.head === entry) unblocked.push(entry.queue.name);
    entry.queue.remove(entry);
    if (entry.queue.size === 0) locks.queues.delete(entry.queue);
  }
  holder.waiter = undefined;
  locks.timers.remove(timer);
  locks.waitingHolders.delete(holder);
  locks.waiterCount--;
  return unblocked;
}

/** Ends a wait without a grant. Returns the names whose queues it headed, for `grantNextForAll`. */
export function abandonWait(
  locks: LockStore,
  waiter: LockWaiter,
  cause: "timeout" | "leave",
  { nowMs }: TimeSource,
): string[] {
  const unblocked = dequeue(locks, waiter);
  locks.eventLog?.waitEnded(cause, waiter, nowMs);
  return unblocked;
}

/**
 * Moves a waiter that no longer holds `name` back to the priority it requested. Returns false if it
 * did not have `HOLDER_PRIORITY`.
 */
export function dropHolderPriority(waiter: LockWaiter, name: string): boolean {
  const { entries, request: { priority } } = waiter;
  const index = entries.findIndex(({ queue }) => queue.name === name);
  const entry = entries[index];
  if (entry?.priority !== HOLDER_PRIORITY) return false;
  entries[index] = entry.queue.move(entry, priority);
  return true;
}

/** Ends all waits because the server is stopping. */
export function drain(locks: LockStore, time: TimeSource): void {
  const waiters = new Set<LockWaiter>();
  for (const [, queue] of locks.queues) for (const { waiter } of queue) waiters.add(waiter);
  for (const waiter of waiters) {
    dequeue(locks, waiter);
    locks.eventLog?.waitEnded("leave", waiter, time.nowMs);
    locks.outcomes.push({ listener: waiter.listener, outcome: { kind: "draining" } });
  }
}

/** Grants the lock `name` to its next waiters, if it is free. */
export function grantNext(locks: LockStore, name: string, time: TimeSource): void {
  if (locks.queues.size > 0) grantNextForAll(locks, [name], time);
}

/** Does the same for `names`, and for all names that these grants unblock. */
export function grantNextForAll(locks: LockStore, names: Iterable<string>, time: TimeSource): void {
  if (locks.queues.size === 0) return;
  const pending = [...names];
  /** Waiters tried since the last grant; one waiter may head several queues. */
  const visited = new Set<LockWaiter>();
  for (let name: string | undefined; (name = pending.pop()) !== undefined;) {
    for (;;) {
      const waiter: LockWaiter | undefined = locks.queues.get(name)?.head?.waiter;
      if (waiter === undefined || visited.has(waiter)) break;
      visited.add(waiter);
      if (!isGrantable(locks, waiter)) break;
      const { holder, request, listener, sinceMs }: LockWaiter = waiter;
      const isConnected = listener.isConnected();
      // In its other queues, the waiter behind it may now be grantable.
      for (const other of dequeue(locks, waiter)) if (other !== name) pending.push(other);
      visited.clear();
      if (!isConnected) {
        locks.eventLog?.waitEnded("leave", waiter, time.nowMs);
        continue;
      }
      const outcome = grant(locks, holder, request, sinceMs, time.nowMs);
      locks.outcomes.push({ listener, outcome });
    }
  }
}

function isGrantable(locks: LockStore, { entries, holder, request }: LockWaiter): boolean {
  return entries.every((entry) => entry.queue.head === entry) &&
    request.names.every((name) => isFree(locks, holder, request, name));
}
