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
import { grant, isFree, natureOf, ownOf } from "./granting.ts";
import type { Holder, Locks, Time } from "./lock_table.ts";
import { NOWHERE } from "./agenda.ts";
import { ownText } from "./names.ts";
import { Queue } from "./queue.ts";
import type { Appointment } from "./terms.ts";
import type { Ear, Waiter, Wish } from "./waiter.ts";

/** Ahead of everybody: what one holds already, nobody can have before. */
const OWN_PRIORITY = 1_000_000;

/** What stands in the queue of `name` for one who wishes so. */
export function priorityOf(locks: Locks, holder: Holder, wish: Wish, name: string): number {
  return ownOf(locks, holder, wish, name) === undefined ? wish.priority : OWN_PRIORITY;
}

/** The names `holder` holds that somebody waits for: the fewer of both are looked through. */
export function* wantedOf(locks: Locks, holder: Holder): Iterable<string> {
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
  locks: Locks,
  holder: Holder,
  asked: Wish,
  waitMs: number,
  ear: Ear,
  { nowMs }: Time,
): void {
  const why = asked.why === undefined ? undefined : ownText(asked.why);
  const wish = { ...asked, names: asked.names.map(ownText), why };
  const atMs = nowMs + waitMs;
  const appointment: Appointment = { atMs, place: NOWHERE, holding: undefined, waiter: undefined };
  const serial = ++locks.arrivals;
  const waiter: Waiter = { holder, wish, ear, serial, sinceMs: nowMs, places: [], appointment };
  appointment.waiter = waiter;
  const nature = natureOf(wish);
  // Not pushed one by one: a list that grows has room for many.
  waiter.places = wish.names.map((name) => {
    const priority = priorityOf(locks, holder, wish, name);
    return queueOf(locks, name).join(waiter, priority, nature);
  });
  holder.waiter = waiter;
  if (atMs < Infinity) locks.agenda.add(waiter.appointment);
  if (holder.exclusive.size + (holder.shared?.size ?? 0) > 0) locks.waitingHolders.add(holder);
  locks.waiting++;
  locks.journal?.waits(waiter);
}

function queueOf({ queues }: Locks, name: string): Queue<Waiter> {
  const known = queues.get(name);
  if (known !== undefined) return known;
  const queue = new Queue<Waiter>(name);
  queues.add(queue);
  return queue;
}

/** Leaves all queues; the names where it stood at the head, whose queues are to be served then. */
function dequeue(locks: Locks, waiter: Waiter): string[] {
  const { holder, places, appointment } = waiter;
  const opened: string[] = [];
  for (const place of places) {
    if (place.queue.head === place) opened.push(place.queue.name);
    place.queue.leave(place);
    if (place.queue.size === 0) locks.queues.delete(place.queue);
  }
  holder.waiter = undefined;
  locks.agenda.remove(appointment);
  locks.waitingHolders.delete(holder);
  locks.waiting--;
  return opened;
}

/**
 * One who waited goes without, by itself or because its patience is at an end; the names whose
 * queues are to be served then.
 */
export function giveUp(
  locks: Locks,
  waiter: Waiter,
  why: "timeout" | "leave",
  { nowMs }: Time,
): string[] {
  const opened = dequeue(locks, waiter);
  locks.journal?.leaves(why, waiter, nowMs);
  return opened;
}

/** Who waits and has lost what it held of a name, stands in its queue like others; false: it did. */
export function standInLine(waiter: Waiter, name: string): boolean {
  const { places, wish: { priority } } = waiter;
  const at = places.findIndex(({ queue }) => queue.name === name);
  const place = places[at];
  if (place?.priority !== OWN_PRIORITY) return false;
  places[at] = place.queue.move(place, priority);
  return true;
}

/** Sends all who wait away. */
export function drain(locks: Locks, time: Time): void {
  const waiters = new Set<Waiter>();
  for (const [, queue] of locks.queues) for (const { waiter } of queue) waiters.add(waiter);
  for (const waiter of waiters) {
    dequeue(locks, waiter);
    locks.journal?.leaves("leave", waiter, time.nowMs);
    locks.news.push({ ear: waiter.ear, outcome: { kind: "draining" } });
  }
}

/** Grants what can be, now that `name` may be free. */
export function serve(locks: Locks, name: string, time: Time): void {
  if (locks.queues.size > 0) serveAll(locks, [name], time);
}

export function serveAll(locks: Locks, names: Iterable<string>, time: Time): void {
  if (locks.queues.size === 0) return;
  const todo = [...names];
  /** Who cannot be granted as things are: it may be the head of many queues. */
  const judged = new Set<Waiter>();
  for (let name: string | undefined; (name = todo.pop()) !== undefined;) {
    for (;;) {
      const waiter: Waiter | undefined = locks.queues.get(name)?.head?.waiter;
      if (waiter === undefined || judged.has(waiter)) break;
      judged.add(waiter);
      if (!isServable(locks, waiter)) break;
      const { holder, wish, ear, sinceMs }: Waiter = waiter;
      const isThere = ear.isThere();
      // What stood behind it elsewhere may have become free, too.
      for (const other of dequeue(locks, waiter)) if (other !== name) todo.push(other);
      judged.clear();
      if (!isThere) {
        locks.journal?.leaves("leave", waiter, time.nowMs);
        continue;
      }
      const outcome = grant(locks, holder, wish, sinceMs, time.nowMs);
      locks.news.push({ ear, outcome });
    }
  }
}

function isServable(locks: Locks, { places, holder, wish }: Waiter): boolean {
  return places.every((place) => place.queue.head === place) &&
    wish.names.every((name) => isFree(locks, holder, wish, name));
}
