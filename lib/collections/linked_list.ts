/**
 * A doubly linked list whose links are fields of its items, so adding and removing take constant
 * time without a look-up. Pure. Rule: an item is in at most one list at a time.
 */

export interface ListItem<T> {
  before: T | undefined;
  after: T | undefined;
}

export class LinkedList<T extends ListItem<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get first(): T | undefined {
    return this.#first;
  }

  get last(): T | undefined {
    return this.#last;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an item, which must be in no list, at the end. */
  append(item: T): void {
    const last = this.#last;
    item.before = last;
    item.after = undefined;
    if (last === undefined) this.#first = item;
    else last.after = item;
    this.#last = item;
    this.#size++;
  }

  /** Removes an item, which must be in this list. */
  remove(item: T): void {
    const { before, after } = item;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    item.before = undefined;
    item.after = undefined;
    this.#size--;
  }

  /** Iterates from the first to the last item. No item may be added or removed meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let item = this.#first; item !== undefined; item = item.after) yield item;
  }
}
