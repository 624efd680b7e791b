/** Pauses between attempts. */

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** Resolves after that time, or when the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}

/** How long to pause after each attempt: longer each time, and not all at the same moment. */
export class BackOff {
  #ms = FIRST_MS;

  nextMs(): number {
    const ms = this.#ms * (0.5 + Math.random() / 2);
    this.#ms = Math.min(LONGEST_MS, 2 * this.#ms);
    return ms;
  }
}
