/**
 * A map by name that stays fast when one name comes and goes again and again among very many
 * others, as a busy lock does. Pure.
 *
 * The runtime's `Map` leaves a mark where a key was deleted until it next rebuilds its table, and
 * looks at all marks of a key's bucket to find the key: among 100,000 others a lock that is taken
 * and given back gets a thousand times slower. So the last few deleted keys stay, without a value.
 */

/** How many deleted keys stay. More names than this in turn leave their marks far from each other. */
const KEPT_MAX = 256;
/** The longest key that stays: longer ones are seldom busy, and would cost what they are long. */
const KEPT_LENGTH_MAX = 256;

/** A map; the order is that of taking, but a name that comes back soon has its old place. */
export class NameMap<V extends NonNullable<unknown>> {
  readonly #values = new Map<string, V | undefined>();
  /** The keys without a value, the longest deleted first. */
  readonly #deleted = new Set<string>();
  readonly #keptMax: number;

  constructor(keptMax = KEPT_MAX) {
    this.#keptMax = keptMax;
  }

  /** The number of names that have a value. */
  get size(): number {
    return this.#values.size - this.#deleted.size;
  }

  get(name: string): V | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: V): void {
    this.#deleted.delete(name);
    this.#values.set(name, value);
  }

  delete(name: string): void {
    if (this.#values.get(name) === undefined) return;
    if (name.length > KEPT_LENGTH_MAX) return void this.#values.delete(name);
    this.#values.set(name, undefined);
    this.#deleted.add(name);
    if (this.#deleted.size <= this.#keptMax) return;
    const [oldest] = this.#deleted;
    this.#deleted.delete(oldest!);
    this.#values.delete(oldest!);
  }

  *[Symbol.iterator](): Iterator<[name: string, value: V]> {
    for (const [name, value] of this.#values) if (value !== undefined) yield [name, value];
  }
}
