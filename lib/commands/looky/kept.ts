/**
 * Facts kept in little memory. A native reply tells its length first, so it is worded twice, and
 * what it says must not change meanwhile; kept in columns, that takes less than the words would.
 */

export type Fact = readonly [is: string, ...values: (string | number)[]];

/** What to keep of each kind of fact, a letter for a value: a text or a number; the rest is left. */
export type Keeping = Readonly<Record<string, string>>;

const TEXT = "t";
const CHUNK = 512;

/** A list that grows without being copied. */
class Column<A extends { [index: number]: string | number }> {
  readonly #chunks: A[] = [];
  readonly #newChunk: () => A;
  #length = 0;

  constructor(newChunk: () => A) {
    this.#newChunk = newChunk;
  }

  get length(): number {
    return this.#length;
  }

  push(value: A[number]): void {
    const at = this.#length++ % CHUNK;
    if (at === 0) this.#chunks.push(this.#newChunk());
    (this.#chunks.at(-1)! as Record<number, A[number]>)[at] = value;
  }

  at(index: number): A[number] {
    return this.#chunks[Math.floor(index / CHUNK)]![index % CHUNK]!;
  }
}

export class Kept<F extends Fact> {
  readonly #kinds: readonly (readonly [is: string, letters: string])[];
  readonly #is = new Column(() => new Uint8Array(CHUNK));
  readonly #texts = new Column((): string[] => []);
  readonly #numbers = new Column(() => new Float64Array(CHUNK));

  constructor(keeping: Keeping) {
    this.#kinds = Object.entries(keeping);
  }

  add([is, ...values]: F): void {
    const kind = this.#kinds.findIndex(([known]) => known === is);
    this.#is.push(kind);
    for (const [i, letter] of [...this.#kinds[kind]![1]].entries()) {
      if (letter === TEXT) this.#texts.push(values[i] as string);
      else this.#numbers.push(values[i] as number);
    }
  }

  /** The facts as they came; as often as it is asked for. */
  *[Symbol.iterator](): Iterator<F> {
    let [text, number] = [0, 0];
    for (let i = 0; i < this.#is.length; i++) {
      const [is, letters] = this.#kinds[this.#is.at(i)]!;
      const fact: [string, ...(string | number)[]] = [is];
      for (const letter of letters) {
        fact.push(letter === TEXT ? this.#texts.at(text++) : this.#numbers.at(number++));
      }
      yield fact as Fact as F;
    }
  }
}
