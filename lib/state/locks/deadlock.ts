/**
 * The search for deadlocks: cycles of holders that wait for each other. Pure.
 *
 * A waiter waits for the holders that conflict with its request and for the waiters ahead of it.
 * There is no cycle before a request, so every new cycle goes through the requesting client; or
 * through a waiter that moves back because it has lost a lock, which then counts as that client. Only
 * waiters lead on. Of the waiters ahead in one queue, the search visits only those that are in other
 * queues as well, or that conflict with holders that the requesting client does not conflict with;
 * the others wait only for what the requesting client waits for too. So a crowd that waits for one
 * name costs nothing here.
 */
import { DEADLOCK_STEPS_MAX } from "../../limits.ts";
import { conflictsOf, exclusiveOfOther } from "./grant.ts";
import { sharedLockOf } from "./holds.ts";
import type { AcquireRequest } from "./lock_request.ts";
import type { LockHolder, LockWaiter } from "./model.ts";
import type { NameQueue, QueueEntry } from "./name_queue.ts";
import type { LockStore } from "./store.ts";
import { contendedNames, priorityOf } from "./wait_queue.ts";

/** Waiters of one queue, in reverse order: the first one to be granted is the last. */
type Candidates = {
  readonly priority: number;
  readonly serial: number;
  readonly waiter: LockWaiter;
}[];

/** The position of a waiter in the queue of a name, real or assumed. */
interface Position {
  readonly name: string;
  readonly priority: number;
  readonly serial: number;
}

/**
 * Returns the cycle that would close if `holder` waited for `request`, beginning with `holder`;
 * "unknown" if the search takes too many steps.
 */
export function findCycle(
  locks: LockStore,
  holder: LockHolder,
  request: AcquireRequest,
): LockHolder[] | "unknown" | undefined {
  const positions = request.names.map((name): Position => ({
    name,
    priority: priorityOf(locks, holder, request, name),
    serial: Infinity,
  }));
  if (!isAwaited(locks, holder, positions)) return undefined;
  return search(locks, holder, request, positions);
}

/** Returns the cycle that a waiter has come into by a change of its priority, like `findCycle`. */
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
  request: AcquireRequest,
  positions: readonly Position[],
): LockHolder[] | "unknown" | undefined {
  const search = new Search(locks, holder);
  search.expand(holder, request, positions);
  const byName = new Map(positions.map((position) => [position.name, position]));
  for (let at = search.next(); at !== undefined; at = search.next()) {
    const { waiter } = at;
    if (search.isTooLong) return "unknown";
    if (waiter === undefined) continue;
    if (waitsFor(locks, waiter, holder, byName)) return search.pathTo(at);
    search.expand(at, waiter.request, positionsOf(waiter));
  }
  return search.isTooLong ? "unknown" : undefined;
}

/** Returns whether any waiter would wait for `holder`. */
function isAwaited(locks: LockStore, holder: LockHolder, positions: readonly Position[]): boolean {
  for (const _ of contendedNames(locks, holder)) return true;
  return positions.some(({ name, priority }) =>
    locks.queues.get(name)?.isEndFor(priority) === false
  );
}

/** Returns whether `waiter` waits for a lock of `holder`, or is behind it in a queue. */
function waitsFor(
  locks: LockStore,
  waiter: LockWaiter,
  holder: LockHolder,
  positions: ReadonlyMap<string, Position>,
): boolean {
  const { conflictsWithExclusive, conflictsWithShared } = conflictsOf(waiter.request);
  return positionsOf(waiter).some((its) => {
    const { name } = its;
    const position = positions.get(name);
    return position !== undefined && isAhead(position, its) ||
      conflictsWithExclusive && locks.exclusive.get(name)?.holder === holder ||
      conflictsWithShared && holder.shared?.get(name) !== undefined;
  });
}

/** A depth-first search from `start`. It visits no part of a queue twice. */
class Search {
  readonly #locks: LockStore;
  readonly #start: LockHolder;
  /** For each visited holder, the one that waits for it. */
  readonly #predecessors = new Map<LockHolder, LockHolder>();
  readonly #pending: LockHolder[] = [];
  readonly #queues = new Map<string, Candidates>();
  #steps = 0;
  /** The names whose shared holders have been visited. */
  readonly #shared = new Set<string>();

  constructor(locks: LockStore, start: LockHolder) {
    this.#locks = locks;
    this.#start = start;
  }

  get isTooLong(): boolean {
    return this.#steps > DEADLOCK_STEPS_MAX;
  }

  next(): LockHolder | undefined {
    return this.#pending.pop();
  }

  /** Returns the path from the start of the search to `end`. */
  pathTo(end: LockHolder): LockHolder[] {
    const path: LockHolder[] = [];
    for (let at = end; at !== this.#start; at = this.#predecessors.get(at)!) path.push(at);
    return [this.#start, ...path.reverse()];
  }

  /** Visits the waiters that `from` waits for. */
  expand(from: LockHolder, request: AcquireRequest, positions: readonly Position[]): void {
    const { conflictsWithExclusive, conflictsWithShared } = conflictsOf(request);
    for (const position of positions) {
      if (++this.#steps > DEADLOCK_STEPS_MAX) return;
      const { name } = position;
      const exclusive = conflictsWithExclusive && exclusiveOfOther(this.#locks, from, name);
      if (exclusive) this.#visit(exclusive.holder, from);
      if (conflictsWithShared && !this.#shared.has(name)) {
        this.#shared.add(name);
        for (const next of waitingShared(this.#locks, name)) {
          this.#steps++;
          this.#visit(next, from);
        }
      }
      const candidates = this.#candidatesOf(name);
      while (candidates.length > 0 && isAhead(candidates.at(-1)!, position)) {
        this.#visit(candidates.pop()!.waiter.holder, from);
      }
    }
  }

  /** Returns the waiters of a queue that may lead on and have not been visited. */
  #candidatesOf(name: string): Candidates {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.#locks.queues.get(name);
    const candidates: Candidates = [];
    this.#queues.set(name, candidates);
    if (queue === undefined) return candidates;
    this.#steps += queue.wantingSeveral.size;
    if (this.isTooLong) return candidates;
    for (const { priority, waiter } of queue.wantingSeveral) {
      candidates.push({ priority, serial: waiter.serial, waiter });
    }
    for (const blocked of [queue.blockedByExclusive, queue.blockedByShared]) {
      const first = blocked.size === 0 ? undefined : this.#firstOf(queue, blocked);
      if (first !== undefined) {
        const { priority, waiter } = first;
        candidates.push({ priority, serial: waiter.serial, waiter });
      }
    }
    return candidates.sort((a, b) => isAhead(a, b) ? 1 : -1);
  }

  /** Returns the first of `blocked`; it represents all of them, as they wait for the same holders. */
  #firstOf(
    queue: NameQueue<LockWaiter>,
    blocked: ReadonlySet<QueueEntry<LockWaiter>>,
  ): QueueEntry<LockWaiter> | undefined {
    for (const entry of queue) {
      if (blocked.has(entry)) return entry;
      this.#steps++;
      if (this.isTooLong) break;
    }
    return undefined;
  }

  #visit(next: LockHolder, from: LockHolder): void {
    if (next === this.#start || this.#predecessors.has(next)) return;
    this.#predecessors.set(next, from);
    this.#pending.push(next);
  }
}

function isAhead(
  a: Pick<Position, "priority" | "serial">,
  b: Pick<Position, "priority" | "serial">,
): boolean {
  return a.priority === b.priority ? a.serial < b.serial : a.priority > b.priority;
}

/** Yields the shared holders of a name that wait themselves; searches the smaller of both sets. */
function* waitingShared(locks: LockStore, name: string): Iterable<LockHolder> {
  const holds = sharedLockOf(locks, name)?.holds;
  if (holds === undefined) return;
  if (holds.size <= locks.waitingHolders.size) {
    for (const { holder } of holds) if (holder.waiter !== undefined) yield holder;
    return;
  }
  for (const waiting of locks.waitingHolders) {
    if (waiting.shared?.get(name) !== undefined) yield waiting;
  }
}
