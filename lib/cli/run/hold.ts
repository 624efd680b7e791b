/** What `run` holds while its command runs: locks or a pool resource. Also, waits with a limit. */
// @ts-types="../../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
// @ts-types="../../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { ConnectionError } from "../../client/mod.ts";
import { TIME_MS_MAX } from "../../wire/extended.ts";

export interface RunHold {
  /** Variables for the command's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves to the reason when the hold is lost; otherwise stays pending. */
  readonly lost: Promise<string>;
  /** Releases what is still held. Never rejects, and takes at most a few seconds. */
  release(): Promise<void>;
}

/** Resolves after `ms` (at most 24 days) or when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, TIME_MS_MAX), { signal }).catch(() => {});
}

/** Resolves when the promise resolves or rejects, or after `ms`. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  await deadline(promise, ms).catch(() => {});
}

/** Resolves to the reply. Throws `ConnectionError` when it has not arrived by `endMs`. */
export async function replyBy<T>(reply: Promise<T>, endMs: number): Promise<T> {
  if (endMs === Infinity) return await reply;
  const replied = new AbortController();
  // Not `deadline`: it cannot stop its timer, and each reply would leave one of up to 24 days.
  const ms = Math.min(TIME_MS_MAX, Math.max(0, endMs - performance.now()));
  const timeout = delay(ms, { signal: replied.signal }).then(() => {
    throw new ConnectionError("Cannot acquire: no reply from the server within --wait");
  });
  try {
    return await Promise.race([reply, timeout]);
  } finally {
    replied.abort();
  }
}
