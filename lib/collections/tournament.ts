/**
 * The best of many items while they change: a tournament tree over their indices. Pure.
 *
 * Each leaf is an item that takes part or not, each inner node the better of the two below it, ties
 * to the lower index. The winner is known at once; a change costs the height of the tree, and less
 * where it changes nothing further up.
 */

/** Whether the item at index `challenger` is better than the one at the lower index `holder`. */
export type Beats = (challenger: number, holder: number) => boolean;

const NOBODY = -1;
const ROOT = 1;

export class Tournament {
  readonly #beats: Beats;
  /** How many leaves there are, a power of two; the leaf of item i stands at #leaves + i. */
  #leaves = 1;
  #winners = new Int32Array(2).fill(NOBODY);

  constructor(beats: Beats) {
    this.#beats = beats;
  }

  /** The index of the best item that takes part, or -1. */
  get winner(): number {
    return this.#winners[ROOT]!;
  }

  /** Whether item `index` takes part. */
  has(index: number): boolean {
    return index < this.#leaves && this.#winners[this.#leaves + index] === index;
  }

  /** Says whether item `index` takes part from now on, and whether its rank may have changed. */
  set(index: number, takesPart: boolean, moved: boolean): void {
    if (this.has(index) === takesPart && !(takesPart && moved)) return;
    while (index >= this.#leaves) this.#grow();
    let node = this.#leaves + index;
    this.#winners[node] = takesPart ? index : NOBODY;
    for (node >>= 1; node >= ROOT; node >>= 1) {
      const before = this.#winners[node];
      const now = this.#play(node);
      // Whoever has won here before and still does has not changed, unless it is this item.
      if (now === before && now !== index) return;
      this.#winners[node] = now;
    }
  }

  /** The lowest index from `from` on that takes part, or -1. */
  next(from: number): number {
    if (from >= this.#leaves) return NOBODY;
    let node = this.#leaves + from;
    while (this.#winners[node]! < 0) {
      // Up to where a neighbour to the right holds somebody.
      while ((node & 1) === 1 || this.#winners[node + 1]! < 0) {
        node >>= 1;
        if (node <= ROOT) return NOBODY;
      }
      node++;
    }
    while (node < this.#leaves) node = this.#winners[2 * node]! >= 0 ? 2 * node : 2 * node + 1;
    return this.#winners[node]!;
  }

  /** Item `index` is gone: those behind it have moved up by one, in their owner's list as well. */
  remove(index: number): void {
    const winners = this.#winners;
    for (let i = index; i < this.#leaves; i++) {
      const follows = i + 1 < this.#leaves && winners[this.#leaves + i + 1]! >= 0;
      winners[this.#leaves + i] = follows ? i : NOBODY;
    }
    this.replay();
  }

  /** All ranks may have changed. */
  replay(): void {
    for (let node = this.#leaves - 1; node >= ROOT; node--) this.#winners[node] = this.#play(node);
  }

  #play(node: number): number {
    const left = this.#winners[2 * node]!;
    const right = this.#winners[2 * node + 1]!;
    if (left < 0) return right;
    if (right < 0) return left;
    return this.#beats(right, left) ? right : left;
  }

  #grow(): void {
    const leaves = this.#winners.subarray(this.#leaves);
    this.#leaves *= 2;
    this.#winners = new Int32Array(2 * this.#leaves).fill(NOBODY);
    this.#winners.set(leaves, this.#leaves);
    this.replay();
  }
}
