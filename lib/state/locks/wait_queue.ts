/**
 * The queues of those who wait, served strictly in their order. Pure.
 *
 * Laws
 * 1. Whatever frees a name, or takes somebody out of its queue, serves the queue in the same step:
 *    nobody else ever sees the name free.
 * 2. While the head of a queue cannot be granted, nobody behind it is. One that stands in several
 *    queues is granted when it is the head of all and all are free.
 * 3. Who has gone is granted nothing.
 */
import type { TimeSource } from "../../clock.ts";
import { detached } from "../../text.ts";
import { conflictsOf, grant, isFree, ownOf } from "./grant.ts";
import type { LockHolder, LockStore } from "./store.ts";
import { NOT_QUEUED } from "../../collections/timer_queue.ts";
import { NameQueue } from "./name_queue.ts";
import type { ExpiryTimer } from "./lease.ts";
import type { AcquireRequest, LockWaiter, WaitListener } from "./lock_request.ts";

/** Ahead of everybody: what one holds already, nobody can have before. */
const OWN_PRIORITY = 1_000_000;

/** What stands in the queue of `name` for one who wishes so. */
export function priorityOf(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
  name: string,
): number {
  return ownOf(locks, holder, wish, name) === undefined ? wish.priority : OWN_PRIORITY;
}

/** The names `holder` holds that somebody waits for: the fewer of both are looked through. */
export function* wantedOf(locks: LockStore, holder: LockHolder): Iterable<string> {
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

/** Stands in the queue of each name. */
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
    holding: undefined,
    waiter: undefined,
  };
  const serial = ++locks.arrivals;
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
  // Not pushed one by one: a list that grows has room for many.
  waiter.entries = request.names.map((name) => {
    const priority = priorityOf(locks, holder, request, name);
    return queueOf(locks, name).add(waiter, priority, conflicts);
  });
  holder.waiter = waiter;
  if (atMs < Infinity) locks.timers.add(waiter.timer);
  if (holder.exclusive.size + (holder.shared?.size ?? 0) > 0) locks.waitingHolders.add(holder);
  locks.waiting++;
  locks.eventLog?.waits(waiter);
}

function queueOf({ queues }: LockStore, name: string): NameQueue<LockWaiter> {
  const known = queues.get(name);
  if (known !== undefined) return known;
  const queue = new NameQueue<LockWaiter>(name);
  queues.add(queue);
  return queue;
}

/** Leaves all queues; the names where it stood at the head, whose queues are to be served then. */
function dequeue(locks: LockStore, waiter: LockWaiter): string[] {
  const { holder, entries, timer } = waiter;
  const opened: string[] = [];
  for (const place of entries) {
    if (place.queue.head === place) opened.push(place.queue.name);
    place.queue.remove(place);
    if (place.queue.size === 0) locks.queues.delete(place.queue);
  }
  holder.waiter = undefined;
  locks.timers.remove(timer);
  locks.waitingHolders.delete(holder);
  locks.waiting--;
  return opened;
}

/**
 * One who waited goes without, by itself or because its patience is at an end; the names whose
 * queues are to be served then.
 */
export function abandonWait(
  locks: LockStore,
  waiter: LockWaiter,
  why: "timeout" | "leave",
  { nowMs }: TimeSource,
): string[] {
  const opened = dequeue(locks, waiter);
  locks.eventLog?.leaves(why, waiter, nowMs);
  return opened;
}

/** Who waits and has lost what it held of a name, stands in its queue like others; false: it did. */
export function loseOwnPriority(waiter: LockWaiter, name: string): boolean {
  const { entries, request: { priority } } = waiter;
  const at = entries.findIndex(({ queue }) => queue.name === name);
  const place = entries[at];
  if (place?.priority !== OWN_PRIORITY) return false;
  entries[at] = place.queue.move(place, priority);
  return true;
}

/** Sends all who wait away. */
export function drain(locks: LockStore, time: TimeSource): void {
  const waiters = new Set<LockWaiter>();
  for (const [, queue] of locks.queues) for (const { waiter } of queue) waiters.add(waiter);
  for (const waiter of waiters) {
    dequeue(locks, waiter);
    locks.eventLog?.leaves("leave", waiter, time.nowMs);
    locks.outcomes.push({ listener: waiter.listener, outcome: { kind: "draining" } });
  }
}

/** Grants what can be, now that `name` may be free. */
export function grantWaiters(locks: LockStore, name: string, time: TimeSource): void {
  if (locks.queues.size > 0) grantWaitersOf(locks, [name], time);
}

export function grantWaitersOf(locks: LockStore, names: Iterable<string>, time: TimeSource): void {
  if (locks.queues.size === 0) return;
  const todo = [...names];
  /** Who cannot be granted as things are: it may be the head of many queues. */
  const judged = new Set<LockWaiter>();
  for (let name: string | undefined; (name = todo.pop()) !== undefined;) {
    for (;;) {
      const waiter: LockWaiter | undefined = locks.queues.get(name)?.head?.waiter;
      if (waiter === undefined || judged.has(waiter)) break;
      judged.add(waiter);
      if (!isServable(locks, waiter)) break;
      const { holder, request, listener, sinceMs }: LockWaiter = waiter;
      const isThere = listener.isConnected();
      // What stood behind it elsewhere may have become free, too.
      for (const other of dequeue(locks, waiter)) if (other !== name) todo.push(other);
      judged.clear();
      if (!isThere) {
        locks.eventLog?.leaves("leave", waiter, time.nowMs);
        continue;
      }
      const outcome = grant(locks, holder, request, sinceMs, time.nowMs);
      locks.outcomes.push({ listener, outcome });
    }
  }
}

function isServable(locks: LockStore, { entries, holder, request }: LockWaiter): boolean {
  return entries.every((place) => place.queue.head === place) &&
    request.names.every((name) => isFree(locks, holder, request, name));
}
