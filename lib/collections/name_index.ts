/**
 * Locks by their name, in an order that a reader may follow while others take and give them. Pure.
 *
 * The runtime's map keeps that order; but it tells names of 16,384 bytes and more apart by their
 * length only, so that thousands of these would be compared one by one. Long ones have a table of
 * their own.
 */
import { type Named, NameTable } from "./name_table.ts";

/** Far from where the map gets slow; and what is longer does not stay when it is free. */
export const SHORT_LENGTH_MAX = 256;

export class NameIndex<T extends Named<T>> {
  readonly #short = new Map<string, T>();
  readonly #long: NameTable<T>;

  /** @param salt what nobody outside knows. */
  constructor(salt: number) {
    this.#long = new NameTable(salt);
  }

  get size(): number {
    return this.#short.size + this.#long.size;
  }

  get(name: string): T | undefined {
    return name.length > SHORT_LENGTH_MAX ? this.#long.get(name) : this.#short.get(name);
  }

  /** Takes in what no other of its name is in for. */
  add(item: T): void {
    if (item.name.length > SHORT_LENGTH_MAX) this.#long.add(item);
    else this.#short.set(item.name, item);
  }

  /** Takes out what is in. */
  delete(item: T): void {
    if (item.name.length > SHORT_LENGTH_MAX) this.#long.delete(item);
    else this.#short.delete(item.name);
  }

  /**
   * The long ones of this moment, in no order, then the short ones as they came, those that come
   * meanwhile too.
   */
  *[Symbol.iterator](): Iterator<T> {
    for (const [, item] of [...this.#long]) yield item;
    yield* this.#short.values();
  }
}
