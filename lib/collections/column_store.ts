/**
 * Stores rows in columns, which takes less memory than an array for each row, or than the text of
 * the rows. Pure.
 */

type Value = string | number | readonly string[] | readonly number[];
export type StoredRow = readonly [kind: string, ...values: Value[]];

/**
 * The types of the values to store for each kind of row, one letter for each value: t for a text, n
 * for a number, T and N for a list of them. Further values of a row are not stored.
 */
export type ColumnTypes = Readonly<Record<string, string>>;

/** A column grows by chunks of this many values, and is never copied. */
const CHUNK = 512;

class Column<V> {
  readonly #chunks: { [index: number]: V }[] = [];
  readonly #newChunk: () => { [index: number]: V };
  #length = 0;

  constructor(newChunk: () => { [index: number]: V }) {
    this.#newChunk = newChunk;
  }

  add(value: V): void {
    const index = this.#length++ % CHUNK;
    if (index === 0) this.#chunks.push(this.#newChunk());
    this.#chunks.at(-1)![index] = value;
  }

  *[Symbol.iterator](): Generator<V> {
    for (let i = 0; i < this.#length; i++) yield this.#chunks[Math.floor(i / CHUNK)]![i % CHUNK]!;
  }
}

export class ColumnStore<R extends StoredRow> {
  readonly #types: readonly (readonly [kind: string, letters: string])[];
  /** The kind of each row, as an index of `#types`. */
  readonly #kinds = new Column<number>(() => new Uint8Array(CHUNK));
  readonly #texts = new Column<string>(() => []);
  readonly #numbers = new Column<number>(() => new Float64Array(CHUNK));

  constructor(types: ColumnTypes) {
    this.#types = Object.entries(types);
  }

  add([kind, ...values]: R): void {
    const index = this.#types.findIndex(([type]) => type === kind);
    this.#kinds.add(index);
    for (const [i, letter] of [...this.#types[index]![1]].entries()) {
      const value = values[i]!;
      if (typeof value === "string") this.#texts.add(value);
      else if (typeof value === "number") this.#numbers.add(value);
      else {
        this.#numbers.add(value.length);
        if (letter === "T") { for (const text of value) this.#texts.add(text as string); }
        else for (const number of value) this.#numbers.add(number as number);
      }
    }
  }

  /** Iterates over the rows in the order they were added. It can be iterated over again. */
  *[Symbol.iterator](): Iterator<R> {
    const texts = this.#texts[Symbol.iterator]();
    const numbers = this.#numbers[Symbol.iterator]();
    const number = () => numbers.next().value as number;
    const text = () => texts.next().value as string;
    const read = (letter: string): Value => {
      if (letter === "t") return text();
      if (letter === "n") return number();
      const length = { length: number() };
      return letter === "T" ? Array.from(length, text) : Array.from(length, number);
    };
    for (const index of this.#kinds) {
      const [kind, letters] = this.#types[index]!;
      yield [kind, ...Array.from(letters, read)] as StoredRow as R;
    }
  }
}
