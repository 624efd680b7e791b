/**
 * Things by their name, for names that come and go with every request. Pure.
 *
 * The runtime's `Map` has to hash each text that it has not seen before, as every word of a line is:
 * that costs more than all else that a rule does. And where a key was deleted it leaves a mark, and
 * looks at all marks of a bucket to find a key. Here the hash is a short loop, things are chained to
 * each other by a field of their own, and what is taken out leaves nothing behind.
 */

/** What can be found by its name. The other fields are the table's. */
export interface Named<T> {
  readonly name: string;
  hash: number;
  /** The next in the same bucket. */
  chained: T | undefined;
}

const BUCKETS_MIN = 8;

export class NameTable<T extends Named<T>> {
  readonly #salt: number;
  /** The first of each chain; their number is a power of two. */
  #buckets = emptyBuckets<T>(BUCKETS_MIN);
  #size = 0;

  /** @param salt what nobody outside knows, so that nobody can think up names for one bucket. */
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

  /** Takes in what no other of its name is in for. */
  add(item: T): void {
    item.hash = hashOf(item.name, this.#salt);
    if (this.#size === this.#buckets.length) this.#resize(2 * this.#buckets.length);
    this.#size++;
    this.#chain(item);
  }

  /** Takes out what is in. */
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
    // Far from where it grew, or it would do both again and again.
    const few = buckets.length >> 3;
    if (few >= BUCKETS_MIN && this.#size < few) this.#resize(2 * few);
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

/** One by one: an array that is made long at once may be one that is slow to look into. */
function emptyBuckets<T>(count: number): (T | undefined)[] {
  const buckets: (T | undefined)[] = [];
  for (let i = 0; i < count; i++) buckets.push(undefined);
  return buckets;
}

const FACTOR = 0x5bd1e995;
/** A whole number of 30 bits is never a number in a box of its own. */
const MASK = 0x3fffffff;

/** Each character meets all that came before it, mixed by then. */
function hashOf(name: string, salt: number): number {
  let hash = salt;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), FACTOR);
    hash ^= hash >>> 15;
  }
  return (hash ^ (hash >>> 13)) & MASK;
}
