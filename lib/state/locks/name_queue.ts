/**
 * Those who wait for one name: by priority, the higher first, then as they came. Pure.
 *
 * Each priority is a list of its own, so that coming, going and being first cost nothing that grows
 * with how many wait; there are at most some two thousand priorities.
 */
import { LinkedList, type ListItem } from "../../collections/linked_list.ts";
import type { Named } from "../../collections/name_table.ts";

export interface Arrived {
  /** Smaller for who came before. */
  readonly serial: number;
}

/** Where somebody stands in one queue. */
export interface QueueEntry<W extends Arrived> extends ListItem<QueueEntry<W>> {
  readonly queue: NameQueue<W>;
  readonly waiter: W;
  readonly priority: number;
}

/** What somebody is like who waits. */
export interface Conflicts {
  readonly wantsSeveral: boolean;
  readonly conflictsWithExclusive: boolean;
  readonly conflictsWithShared: boolean;
}

interface Lane<W extends Arrived> {
  readonly priority: number;
  readonly places: LinkedList<QueueEntry<W>>;
}

export class NameQueue<W extends Arrived> implements Named<NameQueue<W>> {
  readonly name: string;
  hash = 0;
  chained: NameQueue<W> | undefined = undefined;
  /** The places of those that stand in other queues as well; */
  readonly wantingSeveral = new Set<QueueEntry<W>>();
  /** of those that an exclusive holder keeps waiting, */
  readonly blockedByExclusive = new Set<QueueEntry<W>>();
  /** and of those that shared holders do. */
  readonly blockedByShared = new Set<QueueEntry<W>>();
  /** The highest priority first; none is empty. */
  readonly #lanes: Lane<W>[] = [];
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#size;
  }

  /** Who is next. */
  get head(): QueueEntry<W> | undefined {
    return this.#lanes[0]?.places.first;
  }

  /** Whether nobody would stand behind somebody of that priority who comes now. */
  isEndFor(priority: number): boolean {
    const last = this.#lanes.at(-1);
    return last === undefined || last.priority >= priority;
  }

  add(waiter: W, priority: number, nature: Conflicts): QueueEntry<W> {
    const place = { queue: this, waiter, priority, before: undefined, after: undefined };
    this.#laneOf(priority).places.append(place);
    if (nature.wantsSeveral) this.wantingSeveral.add(place);
    if (nature.conflictsWithExclusive) this.blockedByExclusive.add(place);
    if (nature.conflictsWithShared) this.blockedByShared.add(place);
    this.#size++;
    return place;
  }

  /** Changes the priority of a place: it stands as if it had always had that one. */
  move(place: QueueEntry<W>, priority: number): QueueEntry<W> {
    const conflicts = {
      wantsSeveral: this.wantingSeveral.has(place),
      conflictsWithExclusive: this.blockedByExclusive.has(place),
      conflictsWithShared: this.blockedByShared.has(place),
    };
    this.remove(place);
    const { waiter } = place;
    const { places } = this.#laneOf(priority);
    const behind: QueueEntry<W>[] = [];
    while (places.last !== undefined && places.last.waiter.serial > waiter.serial) {
      behind.push(places.last);
      places.remove(places.last);
    }
    const moved = this.add(waiter, priority, conflicts);
    for (const other of behind.reverse()) places.append(other);
    return moved;
  }

  remove(place: QueueEntry<W>): void {
    const at = this.#find(place.priority);
    const { places } = this.#lanes[at]!;
    places.remove(place);
    if (places.size === 0) this.#lanes.splice(at, 1);
    this.wantingSeveral.delete(place);
    this.blockedByExclusive.delete(place);
    this.blockedByShared.delete(place);
    this.#size--;
  }

  /** In the order they are served; nobody may join or leave meanwhile. */
  *[Symbol.iterator](): Iterator<QueueEntry<W>> {
    for (const { places } of this.#lanes) yield* places;
  }

  #laneOf(priority: number): Lane<W> {
    const at = this.#find(priority);
    const found = this.#lanes[at];
    if (found?.priority === priority) return found;
    const lane = { priority, places: new LinkedList<QueueEntry<W>>() };
    this.#lanes.splice(at, 0, lane);
    return lane;
  }

  /** Where the lane of that priority stands, or would. */
  #find(priority: number): number {
    let from = 0;
    let to = this.#lanes.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#lanes[middle]!.priority > priority) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
