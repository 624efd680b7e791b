/** Signals, joined by hand: `AbortSignal.any` keeps what it made as long as the longest of them lives. */

/** Aborted when one of them is; `release` forgets it. */
export function anySignal(
  signals: readonly (AbortSignal | undefined)[],
): { readonly signal: AbortSignal; release(): void } {
  const joined = new AbortController();
  const ends = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = () => joined.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    return [() => signal.removeEventListener("abort", abort)];
  });
  return { signal: joined.signal, release: () => ends.forEach((end) => end()) };
}

/** What it resolves to, or undefined as soon as the signal is aborted. */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal === undefined) return await promise;
  let giveUp = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
    signal.addEventListener("abort", giveUp);
    if (signal.aborted) giveUp();
  });
  return await Promise.race([promise, aborted]).finally(() =>
    signal.removeEventListener("abort", giveUp)
  );
}
