/**
 * A list whose links stand in its members, so that joining and leaving cost the same however many
 * there are, and no look-up. Pure. Law: a member is in one list at a time.
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

  /** `member` must be in no list. */
  append(member: T): void {
    const last = this.#last;
    member.before = last;
    member.after = undefined;
    if (last === undefined) this.#first = member;
    else last.after = member;
    this.#last = member;
    this.#size++;
  }

  /** `member` must be in this list. */
  remove(member: T): void {
    const { before, after } = member;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    member.before = undefined;
    member.after = undefined;
    this.#size--;
  }

  /** From the first to the last; nobody may join or leave meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let member = this.#first; member !== undefined; member = member.after) yield member;
  }
}
