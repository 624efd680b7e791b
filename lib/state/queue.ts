/**
 * Those who wait for one name: by priority, the higher first, then as they came. Pure.
 *
 * Each priority is a list of its own, so that coming, going and being first cost nothing that grows
 * with how many wait; there are at most some two thousand priorities.
 */
import { type Linked, List } from "./list.ts";
import type { Named } from "./name_table.ts";

export interface Arrival {
  /** Smaller for who came before. */
  readonly serial: number;
}

/** Where somebody stands in one queue. */
export interface Place<W extends Arrival> extends Linked<Place<W>> {
  readonly queue: Queue<W>;
  readonly waiter: W;
  readonly priority: number;
}

/** What somebody is like who waits. */
export interface Nature {
  readonly isWide: boolean;
  readonly mindsExclusive: boolean;
  readonly mindsShared: boolean;
}

interface Lane<W extends Arrival> {
  readonly priority: number;
  readonly places: List<Place<W>>;
}

export class Queue<W extends Arrival> implements Named<Queue<W>> {
  readonly name: string;
  hash = 0;
  chained: Queue<W> | undefined = undefined;
  /** The places of those that stand in other queues as well; */
  readonly wide = new Set<Place<W>>();
  /** of those that an exclusive holder keeps waiting, */
  readonly mindExclusive = new Set<Place<W>>();
  /** and of those that shared holders do. */
  readonly mindShared = new Set<Place<W>>();
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
  get head(): Place<W> | undefined {
    return this.#lanes[0]?.places.first;
  }

  /** Whether nobody would stand behind somebody of that priority who comes now. */
  isEndFor(priority: number): boolean {
    const last = this.#lanes.at(-1);
    return last === undefined || last.priority >= priority;
  }

  join(waiter: W, priority: number, nature: Nature): Place<W> {
    const place = { queue: this, waiter, priority, before: undefined, after: undefined };
    this.#laneOf(priority).places.append(place);
    if (nature.isWide) this.wide.add(place);
    if (nature.mindsExclusive) this.mindExclusive.add(place);
    if (nature.mindsShared) this.mindShared.add(place);
    this.#size++;
    return place;
  }

  /** Changes the priority of a place: it stands as if it had always had that one. */
  move(place: Place<W>, priority: number): Place<W> {
    const nature = {
      isWide: this.wide.has(place),
      mindsExclusive: this.mindExclusive.has(place),
      mindsShared: this.mindShared.has(place),
    };
    this.leave(place);
    const { waiter } = place;
    const { places } = this.#laneOf(priority);
    const behind: Place<W>[] = [];
    while (places.last !== undefined && places.last.waiter.serial > waiter.serial) {
      behind.push(places.last);
      places.remove(places.last);
    }
    const moved = this.join(waiter, priority, nature);
    for (const other of behind.reverse()) places.append(other);
    return moved;
  }

  leave(place: Place<W>): void {
    const at = this.#find(place.priority);
    const { places } = this.#lanes[at]!;
    places.remove(place);
    if (places.size === 0) this.#lanes.splice(at, 1);
    this.wide.delete(place);
    this.mindExclusive.delete(place);
    this.mindShared.delete(place);
    this.#size--;
  }

  /** In the order they are served; nobody may join or leave meanwhile. */
  *[Symbol.iterator](): Iterator<Place<W>> {
    for (const { places } of this.#lanes) yield* places;
  }

  #laneOf(priority: number): Lane<W> {
    const at = this.#find(priority);
    const found = this.#lanes[at];
    if (found?.priority === priority) return found;
    const lane = { priority, places: new List<Place<W>>() };
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
