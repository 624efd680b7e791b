/**
 * The wait queues, granted strictly in order. Pure.
 *
 * Rules
 * 1. Every step that frees a name, or removes a waiter from its queue, also grants the next waiters:
 *    no other request ever finds the name free.
 * 2. While the head of a queue cannot be granted, no waiter behind it is. A waiter in several queues
 *    is granted when it is at the head of all of them and all names are free.
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

/** Above every other priority: no other client can get a name before the waiter that holds it. */
const OWN_PRIORITY = 1_000_000;

/** Returns the priority of a request in the queue of `name`. */
export function priorityOf(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
  name: string,
): number {
  return ownHold(locks, holder, request, name) === undefined ? request.priority : OWN_PRIORITY;
}

/** Yields the names that `holder` holds and others wait for; searches the smaller of both sets. */
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
  asked: AcquireRequest,
  waitMs: number,
  listener: WaitListener,
  { nowMs }: TimeSource,
): void {
  const why = asked.why === undefined ? undefined : detached(asked.why);
  const request = { ...asked, names: asked.names.map(detached), why };
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
  // Not by push: an array that grows reserves room for many entries.
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

/** Removes a waiter from all queues. Returns the names where it was the head, for `grantWaitersOf`. */
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

/** Ends a wait without a grant. Returns the names where it was the head, for `grantWaitersOf`. */
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
 * Moves a waiter that has lost its hold of a name back to its own priority. Returns false if it had
 * that priority already.
 */
export function loseOwnPriority(waiter: LockWaiter, name: string): boolean {
  const { entries, request: { priority } } = waiter;
  const at = entries.findIndex(({ queue }) => queue.name === name);
  const entry = entries[at];
  if (entry?.priority !== OWN_PRIORITY) return false;
  entries[at] = entry.queue.move(entry, priority);
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

/** Grants waiters for `name`, which may have become free. */
export function grantWaiters(locks: LockStore, name: string, time: TimeSource): void {
  if (locks.queues.size > 0) grantWaitersOf(locks, [name], time);
}

/** Grants waiters for `names`, and for all names that these grants unblock. */
export function grantWaitersOf(locks: LockStore, names: Iterable<string>, time: TimeSource): void {
  if (locks.queues.size === 0) return;
  const pending = [...names];
  /** Waiters that cannot be granted at present; one may be the head of many queues. */
  const visited = new Set<LockWaiter>();
  for (let name: string | undefined; (name = pending.pop()) !== undefined;) {
    for (;;) {
      const waiter: LockWaiter | undefined = locks.queues.get(name)?.head?.waiter;
      if (waiter === undefined || visited.has(waiter)) break;
      visited.add(waiter);
      if (!isGrantable(locks, waiter)) break;
      const { holder, request, listener, sinceMs }: LockWaiter = waiter;
      const isConnected = listener.isConnected();
      // Waiters behind it in other queues may be next there.
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
