/**
 * Sorts very many names without one long sort: sorts them in runs as they are added, and merges the
 * runs as they are read. Stores one reference for each name. Pure.
 */
import { Tournament } from "./tournament.ts";

/** How many names are sorted at once, in less than a millisecond. */
const RUN_LENGTH = 1024;

export class SortedRuns {
  readonly #runLength: number;
  readonly #runs: string[][] = [];
  /** The names that are not sorted yet. */
  #unsorted: string[] = [];

  constructor(runLength = RUN_LENGTH) {
    this.#runLength = runLength;
  }

  add(name: string): void {
    if (this.#unsorted.push(name) === this.#runLength) this.#sortRun();
  }

  /** Iterates over all names in byte order, each once. The iteration can be repeated. */
  *[Symbol.iterator](): Generator<string> {
    this.#sortRun();
    const runs = this.#runs;
    const positions = runs.map(() => 0);
    const next = (run: number) => runs[run]![positions[run]!];
    const merge = new Tournament((a, b) => next(a)! < next(b)!);
    for (const run of runs.keys()) merge.set(run, true, true);
    let last: string | undefined;
    for (let run = merge.winner; run >= 0; run = merge.winner) {
      const name = next(run)!;
      if (name !== last) yield last = name;
      positions[run]!++;
      merge.set(run, next(run) !== undefined, true);
    }
  }

  #sortRun(): void {
    if (this.#unsorted.length > 0) this.#runs.push(this.#unsorted.sort());
    this.#unsorted = [];
  }
}
