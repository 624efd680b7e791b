/**
 * Very many names in order, without one long sort: they come in runs, each is sorted by itself, and
 * the runs are merged while they are read. It takes a reference for each name. Pure.
 */
import { Tournament } from "./tournament.ts";

export class SortedRuns {
  readonly #runs: string[][] = [];

  add(names: Iterable<string>): void {
    const run = Array.from(names).sort();
    if (run.length > 0) this.#runs.push(run);
  }

  /** All names, each once however often it came, by code point; as often as it is asked for. */
  *[Symbol.iterator](): Iterator<string> {
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
}
