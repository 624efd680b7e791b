/** What `run` holds while its command runs: locks, or a resource of a pool. Also waits with a limit. */
// @ts-types="../../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
// @ts-types="../../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { ConnectionError } from "../../client/mod.ts";
import { TIME_MS_MAX } from "../../wire/extended.ts";

export interface RunHold {
  /** Variables for the command's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves with the reason when the hold is lost; otherwise stays pending. */
  readonly lost: Promise<string>;
  /** Releases what is still held; never rejects, and takes a few seconds at most. */
  release(): Promise<void>;
}

/** Resolves after `ms`, at most 24 days, or when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, TIME_MS_MAX), { signal }).catch(() => {});
}

/** Resolves when the promise settles either way, and after `ms` at the latest. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  await deadline(promise, ms).catch(() => {});
}

/** Resolves to a reply. Throws `ConnectionError` when it has not come by `endMs`. */
export async function replyBy<T>(reply: Promise<T>, endMs: number): Promise<T> {
  if (endMs === Infinity) return await reply;
  const replied = new AbortController();
  // Not `deadline`: it cannot stop its timer, and one of some days would stay behind each reply.
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
