/**
 * A hash table of named items, for names that are added and deleted with every request. Pure.
 *
 * The runtime's `Map` has to hash every string object that it has not seen before, and each word of
 * a line is a new string: hashing it takes longer than the rest of a rule. The `Map` also leaves a
 * mark where a key was deleted, and a look-up passes all marks in a bucket. Here the hash is a
 * short loop, a field of the items chains those of one bucket, and a deleted item leaves no mark.
 */

/** An item of a table. The table sets the other fields. */
export interface Named<T> {
  readonly name: string;
  hash: number;
  /** The next item in the same bucket. */
  chained: T | undefined;
}

const BUCKETS_MIN = 8;

export class NameTable<T extends Named<T>> {
  readonly #salt: number;
  /** The first item of each chain; the length is a power of two. */
  #buckets = emptyBuckets<T>(BUCKETS_MIN);
  #size = 0;

  /** @param salt a random number, unknown to clients, so they cannot find names for one bucket. */
  constructor(salt: number) {
    this.#salt = salt;
  }

  get size(): number {
    return this.#size;
  }

  get(name: string): T | undefined {
    if (this.#size === 0) return undefined;
    const hash = hashOf(name, this.#salt);
    const buckets = this.#buckets;
    let item = buckets[hash & (buckets.length - 1)];
    while (item !== undefined && (item.hash !== hash || item.name !== name)) item = item.chained;
    return item;
  }

  /** Adds an item. No item of the same name may be present. */
  add(item: T): void {
    item.hash = hashOf(item.name, this.#salt);
    if (this.#size === this.#buckets.length) this.#resize(2 * this.#buckets.length);
    this.#size++;
    this.#chain(item);
  }

  /** Deletes an item, which must be present. */
  delete(item: T): void {
    const buckets = this.#buckets;
    const bucket = item.hash & (buckets.length - 1);
    let before = buckets[bucket]!;
    if (before === item) buckets[bucket] = item.chained;
    else {
      while (before.chained !== item) before = before.chained!;
      before.chained = item.chained;
    }
    item.chained = undefined;
    this.#size--;
    // Far below the size at which the table grew, or it would grow and shrink again and again.
    const threshold = buckets.length >> 3;
    if (threshold >= BUCKETS_MIN && this.#size < threshold) this.#resize(2 * threshold);
  }

  *[Symbol.iterator](): Iterator<[name: string, item: T]> {
    for (const first of this.#buckets) {
      for (let item = first; item !== undefined; item = item.chained) yield [item.name, item];
    }
  }

  #chain(item: T): void {
    const buckets = this.#buckets;
    const bucket = item.hash & (buckets.length - 1);
    item.chained = buckets[bucket];
    buckets[bucket] = item;
  }

  #resize(count: number): void {
    const before = this.#buckets;
    this.#buckets = emptyBuckets(count);
    for (const first of before) {
      for (let item = first; item !== undefined;) {
        const { chained } = item;
        this.#chain(item);
        item = chained;
      }
    }
  }
}

/** Pushes items one by one: an array created with its full length may have slow element access. */
function emptyBuckets<T>(count: number): (T | undefined)[] {
  const buckets: (T | undefined)[] = [];
  for (let i = 0; i < count; i++) buckets.push(undefined);
  return buckets;
}

const FACTOR = 0x5bd1e995;
/** A whole number of 30 bits is never boxed in memory. */
const MASK = 0x3fffffff;

/** Mixes each character with the hash of all characters before it. */
function hashOf(name: string, salt: number): number {
  let hash = salt;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), FACTOR);
    hash ^= hash >>> 15;
  }
  return (hash ^ (hash >>> 13)) & MASK;
}
