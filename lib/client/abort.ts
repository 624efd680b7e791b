/** Joins abort signals; `AbortSignal.any` leaks memory for as long as one of its sources lives. */

/** Returns a signal that aborts when one of `signals` does; `release` removes its listeners. */
export function anySignal(
  signals: readonly (AbortSignal | undefined)[],
): { readonly signal: AbortSignal; release(): void } {
  const joined = new AbortController();
  const detachers = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = () => joined.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    return [() => signal.removeEventListener("abort", abort)];
  });
  return { signal: joined.signal, release: () => detachers.forEach((detach) => detach()) };
}

/** Resolves as `promise` does, or to undefined as soon as `signal` aborts. */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal === undefined) return await promise;
  let onAbort = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
  return await Promise.race([promise, aborted]).finally(() =>
    signal.removeEventListener("abort", onAbort)
  );
}
