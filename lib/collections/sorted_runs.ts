/**
 * Very many names in order, without one long sort: they are sorted in runs while they come, and the
 * runs are merged while they are read. It takes a reference for each name. Pure.
 */
import { Tournament } from "./tournament.ts";

/** How many are sorted in one step: less than a millisecond's work. */
const RUN_LENGTH = 1024;

export class SortedRuns {
  readonly #runLength: number;
  readonly #runs: string[][] = [];
  /** Those that are not sorted yet. */
  #open: string[] = [];

  constructor(runLength = RUN_LENGTH) {
    this.#runLength = runLength;
  }

  add(name: string): void {
    if (this.#open.push(name) === this.#runLength) this.#close();
  }

  /** All names, each once however often it came, byte by byte; as often as it is asked for. */
  *[Symbol.iterator](): Generator<string> {
    this.#close();
    const runs = this.#runs;
    const at = runs.map(() => 0);
    const next = (run: number) => runs[run]![at[run]!];
    const merge = new Tournament((a, b) => next(a)! < next(b)!);
    for (const run of runs.keys()) merge.set(run, true, true);
    let last: string | undefined;
    for (let run = merge.winner; run >= 0; run = merge.winner) {
      const name = next(run)!;
      if (name !== last) yield last = name;
      at[run]!++;
      merge.set(run, next(run) !== undefined, true);
    }
  }

  #close(): void {
    if (this.#open.length > 0) this.#runs.push(this.#open.sort());
    this.#open = [];
  }
}
