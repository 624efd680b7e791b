/**
 * Facts kept in little memory. A native reply tells its length first, so it is worded twice, and
 * what it says must not change meanwhile; kept in columns, that takes less than the words would.
 */

type Value = string | number | readonly string[] | readonly number[];
export type Fact = readonly [is: string, ...values: Value[]];

/**
 * What to keep of each kind of fact, a letter for a value: t a text, n a number, T and N a list of
 * them. Values behind them are left.
 */
export type Keeping = Readonly<Record<string, string>>;

/** A column grows by chunks of so many, and is never copied. */
const CHUNK = 512;

class Column<V> {
  readonly #chunks: { [at: number]: V }[] = [];
  readonly #newChunk: () => { [at: number]: V };
  #length = 0;

  constructor(newChunk: () => { [at: number]: V }) {
    this.#newChunk = newChunk;
  }

  add(value: V): void {
    const at = this.#length++ % CHUNK;
    if (at === 0) this.#chunks.push(this.#newChunk());
    this.#chunks.at(-1)![at] = value;
  }

  *[Symbol.iterator](): Generator<V> {
    for (let i = 0; i < this.#length; i++) yield this.#chunks[Math.floor(i / CHUNK)]![i % CHUNK]!;
  }
}

export class Columns<F extends Fact> {
  readonly #kinds: readonly (readonly [is: string, letters: string])[];
  readonly #is = new Column<number>(() => new Uint8Array(CHUNK));
  readonly #texts = new Column<string>(() => []);
  readonly #numbers = new Column<number>(() => new Float64Array(CHUNK));

  constructor(keeping: Keeping) {
    this.#kinds = Object.entries(keeping);
  }

  add([is, ...values]: F): void {
    const kind = this.#kinds.findIndex(([known]) => known === is);
    this.#is.add(kind);
    for (const [i, letter] of [...this.#kinds[kind]![1]].entries()) {
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

  /** The facts as they came; as often as it is asked for. */
  *[Symbol.iterator](): Iterator<F> {
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
    for (const kind of this.#is) {
      const [is, letters] = this.#kinds[kind]!;
      yield [is, ...Array.from(letters, read)] as Fact as F;
    }
  }
}
