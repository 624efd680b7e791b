/**
 * Who would wait for whom in a circle. Pure.
 *
 * One who waits, waits for those who hold what it wants and for those ahead of it. Nobody is in a
 * circle before somebody asks, so every circle goes through the one who does. Only those who
 * wait lead on, and of those ahead in one queue only who stands in others, too, or minds holders that
 * the one who asks does not: the rest waits for nobody else than that one. So a crowd that waits for
 * one name costs nothing here.
 */
import { DEADLOCK_STEPS_MAX } from "../../limits.ts";
import { conflictsOf, exclusiveOfOthers } from "./grant.ts";
import { type LockHolder, type LockStore, settled } from "./store.ts";
import type { NameQueue, QueueEntry } from "./name_queue.ts";
import { priorityOf, wantedOf } from "./wait_queue.ts";
import type { AcquireRequest, LockWaiter } from "./lock_request.ts";

/** Places of one queue, the last of them ahead of all others. */
type Line = { readonly priority: number; readonly serial: number; readonly waiter: LockWaiter }[];

/** Where somebody stands, or would. */
interface Position {
  readonly name: string;
  readonly priority: number;
  readonly serial: number;
}

/** The circle that would close if `holder` waited for `wish`, beginning with it; or none. */
export function findCycle(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
): LockHolder[] | "unknown" | undefined {
  const positions = wish.names.map((name): Position => ({
    name,
    priority: priorityOf(locks, holder, wish, name),
    serial: Infinity,
  }));
  if (!isAwaited(locks, holder, positions)) return undefined;
  return search(locks, holder, wish, positions);
}

/** The circle that one who waits already has come into, because its place is another now. */
export function findCycleOf(
  locks: LockStore,
  waiter: LockWaiter,
): LockHolder[] | "unknown" | undefined {
  return search(locks, waiter.holder, waiter.request, positionsOf(waiter));
}

function positionsOf({ entries, serial }: LockWaiter): Position[] {
  return entries.map(({ queue: { name }, priority }) => ({ name, priority, serial }));
}

function search(
  locks: LockStore,
  holder: LockHolder,
  wish: AcquireRequest,
  positions: readonly Position[],
): LockHolder[] | "unknown" | undefined {
  const search = new Search(locks, holder);
  search.follow(holder, wish, positions);
  const byName = new Map(positions.map((position) => [position.name, position]));
  for (let at = search.next(); at !== undefined; at = search.next()) {
    const { waiter } = at;
    if (search.isTooLong) return "unknown";
    if (waiter === undefined) continue;
    if (waitsFor(locks, waiter, holder, byName)) return search.wayTo(at);
    search.follow(at, waiter.request, positionsOf(waiter));
  }
  return search.isTooLong ? "unknown" : undefined;
}

/** Whether anybody would wait for it at all. */
function isAwaited(locks: LockStore, holder: LockHolder, positions: readonly Position[]): boolean {
  for (const _ of wantedOf(locks, holder)) return true;
  return positions.some(({ name, priority }) =>
    locks.queues.get(name)?.isEndFor(priority) === false
  );
}

/** Whether `waiter` waits for what `holder` has, or stands behind it. */
function waitsFor(
  locks: LockStore,
  waiter: LockWaiter,
  holder: LockHolder,
  positions: ReadonlyMap<string, Position>,
): boolean {
  const { conflictsWithExclusive, conflictsWithShared } = conflictsOf(waiter.request);
  return positionsOf(waiter).some((place) => {
    const { name } = place;
    const position = positions.get(name);
    return position !== undefined && isAhead(position, place) ||
      conflictsWithExclusive && locks.exclusive.get(name)?.holder === holder ||
      conflictsWithShared && holder.shared?.get(name) !== undefined;
  });
}

/** Who has been reached, and by whom. No part of a queue is looked through twice. */
class Search {
  readonly #locks: LockStore;
  readonly #start: LockHolder;
  readonly #ways = new Map<LockHolder, LockHolder>();
  readonly #todo: LockHolder[] = [];
  readonly #queues = new Map<string, Line>();
  #steps = 0;
  /** The names whose shared holders have been. */
  readonly #shared = new Set<string>();

  constructor(locks: LockStore, start: LockHolder) {
    this.#locks = locks;
    this.#start = start;
  }

  get isTooLong(): boolean {
    return this.#steps > DEADLOCK_STEPS_MAX;
  }

  next(): LockHolder | undefined {
    return this.#todo.pop();
  }

  /** The way that led to `end`, from its beginning. */
  wayTo(end: LockHolder): LockHolder[] {
    const way: LockHolder[] = [];
    for (let at = end; at !== this.#start; at = this.#ways.get(at)!) way.push(at);
    return [this.#start, ...way.reverse()];
  }

  /** Goes on from one to those it waits for who wait themselves. */
  follow(from: LockHolder, wish: AcquireRequest, positions: readonly Position[]): void {
    const { conflictsWithExclusive, conflictsWithShared } = conflictsOf(wish);
    for (const position of positions) {
      if (++this.#steps > DEADLOCK_STEPS_MAX) return;
      const { name } = position;
      const exclusive = conflictsWithExclusive && exclusiveOfOthers(this.#locks, from, name);
      if (exclusive) this.#reach(exclusive.holder, from);
      if (conflictsWithShared && !this.#shared.has(name)) {
        this.#shared.add(name);
        for (const next of waitingShared(this.#locks, name)) {
          this.#steps++;
          this.#reach(next, from);
        }
      }
      const line = this.#lineOf(name);
      while (line.length > 0 && isAhead(line.at(-1)!, position)) {
        this.#reach(line.pop()!.waiter.holder, from);
      }
    }
  }

  /** Those in a queue that may lead on and have not been reached, who is ahead of all the last. */
  #lineOf(name: string): Line {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.#locks.queues.get(name);
    const line: Line = [];
    this.#queues.set(name, line);
    if (queue === undefined) return line;
    this.#steps += queue.wantingSeveral.size;
    if (this.isTooLong) return line;
    for (const { priority, waiter } of queue.wantingSeveral) {
      line.push({ priority, serial: waiter.serial, waiter });
    }
    for (const those of [queue.blockedByExclusive, queue.blockedByShared]) {
      const first = those.size === 0 ? undefined : this.#firstOf(queue, those);
      if (first !== undefined) {
        line.push({ priority: first.priority, serial: first.waiter.serial, waiter: first.waiter });
      }
    }
    return line.sort((a, b) => isAhead(a, b) ? 1 : -1);
  }

  /** One stands for all that mind the same, as they wait for the same holders. */
  #firstOf(
    queue: NameQueue<LockWaiter>,
    those: ReadonlySet<QueueEntry<LockWaiter>>,
  ): QueueEntry<LockWaiter> | undefined {
    for (const place of queue) {
      if (those.has(place)) return place;
      this.#steps++;
      if (this.isTooLong) break;
    }
    return undefined;
  }

  #reach(next: LockHolder, from: LockHolder): void {
    if (next === this.#start || this.#ways.has(next)) return;
    this.#ways.set(next, from);
    this.#todo.push(next);
  }
}

function isAhead(
  a: Pick<Position, "priority" | "serial">,
  b: Pick<Position, "priority" | "serial">,
): boolean {
  return a.priority === b.priority ? a.serial < b.serial : a.priority > b.priority;
}

/** Those who share the name and wait for another: the fewer of both are looked through. */
function* waitingShared(locks: LockStore, name: string): Iterable<LockHolder> {
  const holds = settled(locks, name)?.holds;
  if (holds === undefined) return;
  if (holds.size <= locks.waitingHolders.size) {
    for (const { holder } of holds) if (holder.waiter !== undefined) yield holder;
    return;
  }
  for (const waiting of locks.waitingHolders) {
    if (waiting.shared?.get(name) !== undefined) yield waiting;
  }
}
