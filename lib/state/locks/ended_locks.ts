/**
 * Free locks that have no table entry any longer: the next holder still learns how the last hold
 * ended. Pure.
 *
 * Bounded by number and by the total length of the names, because each request may bring a new name.
 * Releases are kept apart from all other endings, so that many releases evict none of the others.
 */
import { LinkedList, type ListItem } from "../../collections/linked_list.ts";
import { type Named, NameTable } from "../../collections/name_table.ts";
import { ENDED_LOCKS_MAX, ENDED_NAMES_LENGTH_MAX } from "../../limits.ts";

interface EndedLock<T> extends ListItem<T>, Named<T> {
  readonly ending: string;
}

/** Ended locks, the oldest first. */
class BoundedList<T extends EndedLock<T>> {
  readonly items = new LinkedList<T>();
  namesLength = 0;

  get isTooLong(): boolean {
    return this.items.size > ENDED_LOCKS_MAX || this.namesLength > ENDED_NAMES_LENGTH_MAX;
  }
}

export class EndedLocks<T extends EndedLock<T>> {
  readonly #byName: NameTable<T>;
  readonly #released = new BoundedList<T>();
  readonly #others = new BoundedList<T>();

  /** @param salt a random number, unknown to clients, for the hashes of names. */
  constructor(salt: number) {
    this.#byName = new NameTable(salt);
  }

  get(name: string): T | undefined {
    return this.#byName.get(name);
  }

  /** Adds a lock that is in no list, and evicts the oldest of its kind if there are too many. */
  add(item: T): void {
    const list = this.#listOf(item);
    list.items.append(item);
    list.namesLength += item.name.length;
    this.#byName.add(item);
    while (list.isTooLong) this.#remove(list.items.first!);
  }

  /** Removes and returns the lock of that name. */
  take(name: string): T | undefined {
    const item = this.get(name);
    if (item !== undefined) this.#remove(item);
    return item;
  }

  #remove(item: T): void {
    const list = this.#listOf(item);
    list.items.remove(item);
    list.namesLength -= item.name.length;
    this.#byName.delete(item);
  }

  #listOf({ ending }: T): BoundedList<T> {
    return ending === "released" ? this.#released : this.#others;
  }
}
