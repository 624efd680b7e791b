/**
 * A map by name that stays fast when one name is set and deleted again and again among very many
 * others, as a busy lock is. Pure.
 *
 * The runtime's `Map` leaves a mark where a key was deleted until it next rebuilds its table, and a
 * look-up passes all marks in the key's bucket: among 100,000 others, a lock that is acquired and
 * released repeatedly gets a thousand times slower. So the keys deleted last stay, without a value.
 */

/** How many deleted keys stay. When more names than this are used in turn, marks are far apart. */
const DELETED_KEYS_MAX = 256;
/** The longest deleted key that stays. Longer keys are seldom busy and take more memory. */
const DELETED_KEY_LENGTH_MAX = 256;

/** A map in insertion order, except that a name that is set again soon keeps its position. */
export class NameMap<V extends NonNullable<unknown>> {
  readonly #values = new Map<string, V | undefined>();
  /** The keys without a value, in the order of their deletion. */
  readonly #deleted = new Set<string>();
  readonly #deletedMax: number;

  /** @param deletedMax how many deleted keys stay. */
  constructor(deletedMax = DELETED_KEYS_MAX) {
    this.#deletedMax = deletedMax;
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
    if (name.length > DELETED_KEY_LENGTH_MAX) return void this.#values.delete(name);
    this.#values.set(name, undefined);
    this.#deleted.add(name);
    if (this.#deleted.size <= this.#deletedMax) return;
    const [oldest] = this.#deleted;
    this.#deleted.delete(oldest!);
    this.#values.delete(oldest!);
  }

  *[Symbol.iterator](): Iterator<[name: string, value: V]> {
    for (const [name, value] of this.#values) if (value !== undefined) yield [name, value];
  }
}
