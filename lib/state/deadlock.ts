/**
 * Who would wait for whom in a circle. Pure.
 *
 * One who waits, waits for those who hold what it wants and for those ahead of it. Nobody is in a
 * circle before somebody asks, so every circle goes through the one who does. Only those who
 * wait lead on, and of those ahead in one queue only who stands in others, too, or minds holders that
 * the one who asks does not: the rest waits for nobody else than that one. So a crowd that waits for
 * one name costs nothing here.
 */
import { exclusiveOfOthers } from "./granting.ts";
import { type Holder, type Locks, settled } from "./lock_table.ts";
import type { Place } from "./queue.ts";
import { natureOf, priorityOf } from "./serving.ts";
import type { Waiter, Wish } from "./waiter.ts";

/** The circle that would close if `holder` waited for `wish`, beginning with it; or none. */
export function findCycle(locks: Locks, holder: Holder, wish: Wish): Holder[] | undefined {
  const priorities = new Map(
    wish.names.map((name) => [name, priorityOf(locks, holder, wish, name)]),
  );
  if (!isAwaited(locks, holder, priorities)) return undefined;
  /** Who led to whom. */
  const ways = new Map<Holder, Holder>();
  const todo: Holder[] = [];
  const reach = (next: Holder, from: Holder) => {
    if (next === holder || ways.has(next)) return;
    ways.set(next, from);
    todo.push(next);
  };
  for (const [name, priority] of priorities) {
    for (const next of ledTo(locks, holder, wish, name, priority, Infinity)) reach(next, holder);
  }
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    const { waiter } = at;
    if (waiter === undefined) continue;
    if (waitsFor(locks, waiter, holder, priorities)) return wayTo(at, holder, ways);
    for (const { queue, priority } of waiter.places) {
      const nexts = ledTo(locks, at, waiter.wish, queue.name, priority, waiter.serial);
      for (const next of nexts) reach(next, at);
    }
  }
  return undefined;
}

/** Whether anybody would wait for it at all. */
function isAwaited(
  { queues }: Locks,
  { exclusive, shared }: Holder,
  priorities: ReadonlyMap<string, number>,
): boolean {
  if (exclusive.size + (shared?.size ?? 0) > 0) return true;
  for (const [name, priority] of priorities) {
    if (queues.get(name)?.isEndFor(priority) === false) return true;
  }
  return false;
}

/** Whether `waiter` waits for what `holder` has, or would stand behind it. */
function waitsFor(
  locks: Locks,
  waiter: Waiter,
  holder: Holder,
  priorities: ReadonlyMap<string, number>,
): boolean {
  return waiter.places.some(({ queue: { name }, priority }) =>
    priority < (priorities.get(name) ?? -Infinity) ||
    exclusiveInWay(locks, waiter.holder, waiter.wish, name) === holder ||
    natureOf(waiter.wish).mindsShared && holder.shared?.get(name) !== undefined
  );
}

/** Those who wait themselves, and hold that name or stand in other queues ahead of the place. */
function* ledTo(
  locks: Locks,
  holder: Holder,
  wish: Wish,
  name: string,
  priority: number,
  serial: number,
): Iterable<Holder> {
  const exclusive = exclusiveInWay(locks, holder, wish, name);
  if (exclusive !== undefined) yield exclusive;
  const nature = natureOf(wish);
  if (nature.mindsShared) yield* waitingShared(locks, holder, name);
  const queue = locks.queues.get(name);
  if (queue === undefined) return;
  const isAhead = (place: Place<Waiter>) =>
    place.priority > priority || place.priority === priority && place.waiter.serial < serial;
  for (const place of queue.wide) if (isAhead(place)) yield place.waiter.holder;
  // One stands for all that mind the same, as they wait for the same holders.
  // What one holds oneself is not in one's own way, but in theirs.
  const owns = locks.exclusive.get(name)?.holder === holder;
  const shares = holder.shared?.get(name) !== undefined;
  const leads = [
    nature.mindsExclusive && !owns ? undefined : queue.mindExclusive,
    nature.mindsShared && !shares ? undefined : queue.mindShared,
  ];
  for (const those of leads) {
    const first = those?.values().find(isAhead);
    if (first !== undefined) yield first.waiter.holder;
  }
}

function exclusiveInWay(
  locks: Locks,
  holder: Holder,
  { mode }: Wish,
  name: string,
): Holder | undefined {
  return mode === "shared" ? undefined : exclusiveOfOthers(locks, holder, name)?.holder;
}

/** Those who share the name and wait for another: the fewer of both are looked through. */
function* waitingShared(locks: Locks, holder: Holder, name: string): Iterable<Holder> {
  const holds = settled(locks, name)?.holds;
  if (holds === undefined) return;
  if (holds.size <= locks.waitingHolders.size) {
    for (const hold of holds) {
      if (hold.holder !== holder && hold.holder.waiter !== undefined) yield hold.holder;
    }
    return;
  }
  for (const waiting of locks.waitingHolders) {
    if (waiting !== holder && waiting.shared?.get(name) !== undefined) yield waiting;
  }
}

/** The way that was found, from its beginning. */
function wayTo(end: Holder, start: Holder, ways: ReadonlyMap<Holder, Holder>): Holder[] {
  const way: Holder[] = [];
  for (let at = end; at !== start; at = ways.get(at)!) way.push(at);
  return [start, ...way.reverse()];
}
