/**
 * Locks that are free and were forgotten by everybody else: how their last holding ended is still
 * told to the next holder. Pure.
 *
 * Bounded, by number and by the length of the names, because there may be a new name with every
 * request. What did not end well is kept apart: many that were given back push none of those out.
 */
import { ENDED_LOCKS_MAX, ENDED_NAMES_LENGTH_MAX } from "../../limits.ts";
import { LinkedList, type ListItem } from "../../collections/linked_list.ts";
import { type Named, NameTable } from "../../collections/name_table.ts";

interface Ended<T> extends ListItem<T>, Named<T> {
  readonly ending: string;
}

/** The longest known first. */
class Kind<T extends Ended<T>> {
  readonly list = new LinkedList<T>();
  characters = 0;

  get isFull(): boolean {
    return this.list.size > ENDED_LOCKS_MAX || this.characters > ENDED_NAMES_LENGTH_MAX;
  }
}

export class EndedLocks<T extends Ended<T>> {
  readonly #byName: NameTable<T>;
  readonly #clean = new Kind<T>();
  readonly #unclean = new Kind<T>();

  /** @param salt what nobody outside knows. */
  constructor(salt: number) {
    this.#byName = new NameTable(salt);
  }

  get(name: string): T | undefined {
    return this.#byName.get(name);
  }

  /** Keeps what is in no list. */
  keep(item: T): void {
    const kind = this.#kindOf(item);
    kind.list.append(item);
    kind.characters += item.name.length;
    this.#byName.add(item);
    while (kind.isFull) this.#forget(kind.list.first!);
  }

  /** Takes the one of that name out. */
  take(name: string): T | undefined {
    const item = this.get(name);
    if (item !== undefined) this.#forget(item);
    return item;
  }

  #forget(item: T): void {
    const kind = this.#kindOf(item);
    kind.list.remove(item);
    kind.characters -= item.name.length;
    this.#byName.delete(item);
  }

  #kindOf({ ending }: T): Kind<T> {
    return ending === "released" ? this.#clean : this.#unclean;
  }
}
