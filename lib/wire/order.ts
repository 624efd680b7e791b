/**
 * Very many texts in order, without keeping anybody waiting: they are gathered, sorted in runs and
 * merged a step at a time. Pure.
 */

/** How many are sorted in one step: a millisecond's work. */
const RUN_LENGTH = 1024;

interface Run {
  readonly texts: string[];
  at: number;
}

/**
 * The texts byte by byte. Undefined, among them or in what is given, stands for nothing: it is a
 * place to pause.
 */
export function* inOrder(texts: Iterable<string | undefined>): Iterable<string | undefined> {
  const runs: Run[] = [];
  let open: string[] = [];
  const close = () => {
    if (open.length > 0) runs.push({ texts: open.sort(), at: 0 });
    open = [];
  };
  for (const text of texts) {
    if (text !== undefined) open.push(text);
    if (open.length === RUN_LENGTH) close();
    yield undefined;
  }
  close();
  yield* merge(runs);
}

/** Takes the first of all again and again; the runs are a heap, the one that has it on top. */
function* merge(runs: Run[]): Iterable<string> {
  for (let index = (runs.length >> 1) - 1; index >= 0; index--) sink(runs, index);
  while (runs.length > 0) {
    const run = runs[0]!;
    yield run.texts[run.at++]!;
    if (run.at === run.texts.length) {
      const last = runs.pop()!;
      if (last === run) continue;
      runs[0] = last;
    }
    sink(runs, 0);
  }
}

/** Puts the run at `index` where it belongs; below it, all are in order. */
function sink(runs: Run[], index: number): void {
  const run = runs[index]!;
  for (;;) {
    let child = 2 * index + 1;
    const [left, right] = [runs[child], runs[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && first(right) < first(left)) child++;
    if (first(run) <= first(runs[child]!)) break;
    runs[index] = runs[child]!;
    index = child;
  }
  runs[index] = run;
}

function first({ texts, at }: Run): string {
  return texts[at]!;
}
