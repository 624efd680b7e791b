/** Pauses between attempts to connect. */

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** Resolves after `ms` milliseconds, or when `signal` aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}

/** An exponential back-off, with jitter so that clients do not all retry at the same time. */
export class BackOff {
  #ms = FIRST_MS;

  /** Returns the pause before the next attempt, in milliseconds. */
  nextMs(): number {
    const ms = this.#ms * (0.5 + Math.random() / 2);
    this.#ms = Math.min(LONGEST_MS, 2 * this.#ms);
    return ms;
  }
}
