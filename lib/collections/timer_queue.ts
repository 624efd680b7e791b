/**
 * A priority queue of timers: a binary heap whose items know their index, so adding, removing and
 * taking the first take logarithmic time. Pure. Rule: an item is in at most one queue at a time.
 */

export interface TimerEntry {
  /** When the timer is due. Must not change while the item is in a queue. */
  atMs: number;
  /** The index in the heap; `NOT_QUEUED` when the item is in no queue. */
  index: number;
}

export const NOT_QUEUED = -1;

export class TimerQueue<T extends TimerEntry> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The item that is due first. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  /** Adds an item, which must be in no queue. */
  add(item: T): void {
    this.#heap.push(item);
    this.#siftUp(item, this.#heap.length - 1);
  }

  /** Removes an item of this queue; does nothing to an item that is in no queue. */
  remove(item: T): void {
    const { index } = item;
    if (index === NOT_QUEUED) return;
    item.index = NOT_QUEUED;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#siftUp(last, index);
    this.#siftDown(last);
  }

  /** Puts `item` at `index`, or higher up, and moves items that are due later down. */
  #siftUp(item: T, index: number): void {
    const heap = this.#heap;
    let position = index;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = heap[parent]!;
      if (above.atMs <= item.atMs) break;
      heap[position] = above;
      above.index = position;
      position = parent;
    }
    heap[position] = item;
    item.index = position;
  }

  #siftDown(item: T): void {
    const heap = this.#heap;
    let position = item.index;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      const below = heap[child]!;
      if (below.atMs >= item.atMs) break;
      heap[position] = below;
      below.index = position;
      position = child;
    }
    heap[position] = item;
    item.index = position;
  }
}
