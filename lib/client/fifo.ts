/** First in, first out, however many there are: taking one from the front of a long array moves all. */

/** So many places at the front may stand empty before the rest is moved. */
const EMPTY_MAX = 1024;

export class Fifo<T> {
  #items: T[] = [];
  #from = 0;

  get length(): number {
    return this.#items.length - this.#from;
  }

  /** The first one, which stays. */
  get first(): T | undefined {
    return this.#items[this.#from];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#from];
    if (this.length === 0) return undefined;
    this.#from++;
    if (this.#from > EMPTY_MAX && this.#from * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#from);
      this.#from = 0;
    }
    return item;
  }

  /** All of them, which leave. */
  clear(): T[] {
    const items = this.#items.slice(this.#from);
    this.#items = [];
    this.#from = 0;
    return items;
  }
}
