/**
 * The wait queue of one name: by priority, the highest first, then in order of arrival. Pure.
 *
 * Each priority has a list of its own, so that adding, removing and reading the head cost the same
 * however many wait. There are at most some two thousand priorities.
 */
import { LinkedList, type ListItem } from "../../collections/linked_list.ts";
import type { Named } from "../../collections/name_table.ts";

export interface Sequenced {
  /** Greater than that of every earlier arrival. */
  readonly serial: number;
}

/** The entry of a waiter in one queue. */
export interface QueueEntry<W extends Sequenced> extends ListItem<QueueEntry<W>> {
  readonly queue: NameQueue<W>;
  readonly waiter: W;
  readonly priority: number;
}

/** What a waiter can wait for besides those ahead of it in this queue. */
export interface Conflicts {
  /** It is queued for other names as well. */
  readonly wantsSeveral: boolean;
  readonly conflictsWithExclusive: boolean;
  readonly conflictsWithShared: boolean;
}

interface PriorityLevel<W extends Sequenced> {
  readonly priority: number;
  readonly entries: LinkedList<QueueEntry<W>>;
}

export class NameQueue<W extends Sequenced> implements Named<NameQueue<W>> {
  readonly name: string;
  hash = 0;
  chained: NameQueue<W> | undefined = undefined;
  /** The entries of waiters that are queued for other names as well, */
  readonly wantingSeveral = new Set<QueueEntry<W>>();
  /** of those that conflict with an exclusive holder, */
  readonly blockedByExclusive = new Set<QueueEntry<W>>();
  /** and of those that conflict with shared holders. */
  readonly blockedByShared = new Set<QueueEntry<W>>();
  /** The highest priority first; none is empty. */
  readonly #levels: PriorityLevel<W>[] = [];
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#size;
  }

  /** The entry that is granted next. */
  get head(): QueueEntry<W> | undefined {
    return this.#levels[0]?.entries.first;
  }

  /** Returns whether a new entry of that priority would be the last one. */
  isEndFor(priority: number): boolean {
    const last = this.#levels.at(-1);
    return last === undefined || last.priority >= priority;
  }

  add(waiter: W, priority: number, conflicts: Conflicts): QueueEntry<W> {
    const entry = { queue: this, waiter, priority, before: undefined, after: undefined };
    this.#levelOf(priority).entries.append(entry);
    if (conflicts.wantsSeveral) this.wantingSeveral.add(entry);
    if (conflicts.conflictsWithExclusive) this.blockedByExclusive.add(entry);
    if (conflicts.conflictsWithShared) this.blockedByShared.add(entry);
    this.#size++;
    return entry;
  }

  /** Moves an entry to where it would be had it always had that priority. Returns the new entry. */
  move(entry: QueueEntry<W>, priority: number): QueueEntry<W> {
    const conflicts = {
      wantsSeveral: this.wantingSeveral.has(entry),
      conflictsWithExclusive: this.blockedByExclusive.has(entry),
      conflictsWithShared: this.blockedByShared.has(entry),
    };
    this.remove(entry);
    const { waiter } = entry;
    const { entries } = this.#levelOf(priority);
    const behind: QueueEntry<W>[] = [];
    while (entries.last !== undefined && entries.last.waiter.serial > waiter.serial) {
      behind.push(entries.last);
      entries.remove(entries.last);
    }
    const moved = this.add(waiter, priority, conflicts);
    for (const other of behind.reverse()) entries.append(other);
    return moved;
  }

  remove(entry: QueueEntry<W>): void {
    const at = this.#find(entry.priority);
    const { entries } = this.#levels[at]!;
    entries.remove(entry);
    if (entries.size === 0) this.#levels.splice(at, 1);
    this.wantingSeveral.delete(entry);
    this.blockedByExclusive.delete(entry);
    this.blockedByShared.delete(entry);
    this.#size--;
  }

  /** Iterates in the order of grants. No entry may be added or removed meanwhile. */
  *[Symbol.iterator](): Iterator<QueueEntry<W>> {
    for (const { entries } of this.#levels) yield* entries;
  }

  #levelOf(priority: number): PriorityLevel<W> {
    const at = this.#find(priority);
    const found = this.#levels[at];
    if (found?.priority === priority) return found;
    const level = { priority, entries: new LinkedList<QueueEntry<W>>() };
    this.#levels.splice(at, 0, level);
    return level;
  }

  /** Returns the index of the level of that priority, or where it would be inserted. */
  #find(priority: number): number {
    let from = 0;
    let to = this.#levels.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#levels[middle]!.priority > priority) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
