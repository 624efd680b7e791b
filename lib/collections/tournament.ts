/**
 * Finds the best of many changing items, by a tournament tree over their indices. Pure.
 *
 * Each leaf is an item that is active or not. Each inner node is the winner of the two nodes below
 * it; the lower index wins a tie. Reading the winner takes constant time. A change visits at most
 * one node on each level of the tree, and stops where nothing changes further up.
 */

/** Returns whether item `challenger` is better than item `incumbent`, which has the lower index. */
export type Beats = (challenger: number, incumbent: number) => boolean;

const NONE = -1;
const ROOT = 1;

export class Tournament {
  readonly #beats: Beats;
  /** The number of leaves, a power of two; the leaf of item i has the index #leaves + i. */
  #leaves = 1;
  #winners = new Int32Array(2).fill(NONE);

  constructor(beats: Beats) {
    this.#beats = beats;
  }

  /** The index of the best active item, or -1. */
  get winner(): number {
    return this.#winners[ROOT]!;
  }

  /** Returns whether item `index` is active. */
  has(index: number): boolean {
    return index < this.#leaves && this.#winners[this.#leaves + index] === index;
  }

  /** Sets whether item `index` is active; `hasNewRank` says whether its rank may have changed. */
  set(index: number, isActive: boolean, hasNewRank: boolean): void {
    if (this.has(index) === isActive && !(isActive && hasNewRank)) return;
    while (index >= this.#leaves) this.#grow();
    let node = this.#leaves + index;
    this.#winners[node] = isActive ? index : NONE;
    for (node >>= 1; node >= ROOT; node >>= 1) {
      const before = this.#winners[node];
      const winner = this.#play(node);
      // If another item wins here, as before, nothing changes further up.
      if (winner === before && winner !== index) return;
      this.#winners[node] = winner;
    }
  }

  /** Returns the lowest index of an active item from `from` on, or -1. */
  next(from: number): number {
    if (from >= this.#leaves) return NONE;
    let node = this.#leaves + from;
    while (this.#winners[node]! < 0) {
      // Climbs until the right neighbour has an active item.
      while ((node & 1) === 1 || this.#winners[node + 1]! < 0) {
        node >>= 1;
        if (node <= ROOT) return NONE;
      }
      node++;
    }
    while (node < this.#leaves) node = this.#winners[2 * node]! >= 0 ? 2 * node : 2 * node + 1;
    return this.#winners[node]!;
  }

  /**
   * Removes item `index`. The indices of the items after it decrease by one; the caller must have
   * renumbered its items already.
   */
  remove(index: number): void {
    const winners = this.#winners;
    for (let i = index; i < this.#leaves; i++) {
      const isActive = i + 1 < this.#leaves && winners[this.#leaves + i + 1]! >= 0;
      winners[this.#leaves + i] = isActive ? i : NONE;
    }
    this.rebuild();
  }

  /** Plays all matches again, as all ranks may have changed. */
  rebuild(): void {
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
    this.#winners = new Int32Array(2 * this.#leaves).fill(NONE);
    this.#winners.set(leaves, this.#leaves);
    this.rebuild();
  }
}
