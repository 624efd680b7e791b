/**
 * A map of items by name, which can be iterated over while items are added and deleted. Pure.
 *
 * The runtime's `Map` allows that, but it hashes names of 16,384 bytes and more by their length
 * only: a look-up could have to compare a name with thousands of others. So long names are in a
 * hash table of their own.
 */
import { type Named, NameTable } from "./name_table.ts";

/** Far below the length at which the map gets slow. A free lock with a longer name has no entry. */
export const SHORT_LENGTH_MAX = 256;

export class NameIndex<T extends Named<T>> {
  readonly #short = new Map<string, T>();
  readonly #long: NameTable<T>;

  /** @param salt a random number, unknown to clients. */
  constructor(salt: number) {
    this.#long = new NameTable(salt);
  }

  get size(): number {
    return this.#short.size + this.#long.size;
  }

  get(name: string): T | undefined {
    return name.length > SHORT_LENGTH_MAX ? this.#long.get(name) : this.#short.get(name);
  }

  /** Adds an item. No item of the same name may be present. */
  add(item: T): void {
    if (item.name.length > SHORT_LENGTH_MAX) this.#long.add(item);
    else this.#short.set(item.name, item);
  }

  /** Deletes an item, which must be present. */
  delete(item: T): void {
    if (item.name.length > SHORT_LENGTH_MAX) this.#long.delete(item);
    else this.#short.delete(item.name);
  }

  /**
   * Iterates over the long names that are present now, in no particular order, then over the short
   * names in the order in which they were added, including those that are added meanwhile.
   */
  *[Symbol.iterator](): Iterator<T> {
    for (const [, item] of [...this.#long]) yield item;
    yield* this.#short.values();
  }
}
