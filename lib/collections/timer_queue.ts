/**
 * What is due when: a heap, so that coming, going early and being next cost the logarithm of how
 * many there are. Pure. Law: an item stands in one agenda at a time, and knows its place there.
 */

export interface TimerEntry {
  /** Not to be changed while it stands in an agenda. */
  atMs: number;
  /** Where it stands; negative when it stands nowhere. */
  index: number;
}

export const NOT_QUEUED = -1;

export class TimerQueue<T extends TimerEntry> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** What is due first. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  /** Takes in what stands nowhere. */
  add(item: T): void {
    this.#heap.push(item);
    this.#rise(item, this.#heap.length - 1);
  }

  /** Takes out what stands here; what stands nowhere is left alone. */
  remove(item: T): void {
    const { index } = item;
    if (index === NOT_QUEUED) return;
    item.index = NOT_QUEUED;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#rise(last, index);
    this.#sink(last);
  }

  /** Puts `item` at `place`, or above, those that are due later going down. */
  #rise(item: T, place: number): void {
    const heap = this.#heap;
    let at = place;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (above.atMs <= item.atMs) break;
      heap[at] = above;
      above.index = at;
      at = parent;
    }
    heap[at] = item;
    item.index = at;
  }

  #sink(item: T): void {
    const heap = this.#heap;
    let at = item.index;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      const below = heap[child]!;
      if (below.atMs >= item.atMs) break;
      heap[at] = below;
      below.index = at;
      at = child;
    }
    heap[at] = item;
    item.index = at;
  }
}
