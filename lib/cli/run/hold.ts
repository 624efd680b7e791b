/** What `run` holds while its command runs, be it locks or a place in a pool. */
import { TIME_MS_MAX } from "../../wire/extended.ts";

export interface RunHold {
  /** What the command finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves with a sentence when it is lost; stays pending otherwise. */
  readonly lost: Promise<string>;
  /** Gives it back, as far as it is still held; never fails, nor takes long. */
  release(): Promise<void>;
}

/** Resolves after so long (24 days at most), or when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, TIME_MS_MAX));
    signal.addEventListener("abort", done);
  });
}

/** What is known of a promise after so long, at most: whether it is settled, and not how. */
export async function settled(promise: Promise<unknown>, mostMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise.catch(() => {}), pause(mostMs, over.signal)]);
  over.abort();
}
