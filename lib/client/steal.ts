/** Taking a lock away from whoever holds it: first in the queue for it, then its holders are ended. */
import { PRIORITY_MAX } from "../wire/extended.ts";
import { sleep } from "./backoff.ts";
import type { Lock, LockInfo } from "./types.ts";
import type { LockSource } from "./web_locks.ts";

/** Between two looks whether the queue has us. */
const LOOK_MS = 10;

/** DeniedError when not an administrator, DisabledError when the server does not show its locks. */
export async function steal(client: LockSource, name: string): Promise<Lock> {
  for (;;) {
    const lock = await attempt(client, name);
    if (lock !== undefined) return lock;
  }
}

/**
 * Who is granted the lock is known by what it says it is for. Undefined when it was granted at the
 * moment when it was to be taken away, so that it was taken away from ourselves.
 */
async function attempt(client: LockSource, name: string): Promise<Lock | undefined> {
  const why = `steal ${randomText()}`;
  const turn = new AbortController();
  const options = { mode: "write", wait: "forever", priority: PRIORITY_MAX, why } as const;
  let isGranted = false;
  let isOver = false;
  const asked = client.acquire(name, { ...options, signal: turn.signal });
  const failed = asked.then(() => {
    isGranted = true;
    return new Promise<never>(() => {});
  });
  failed.catch(() => {}); // heard below, if it is in time
  const holds = async () => {
    while (!isOver) {
      const wasGranted = isGranted;
      const info = await client.describe(name);
      if (isHeldFor(info, why)) return true;
      if (wasGranted) return false;
      if (isWaitingFor(info, why)) await client.force(name, why);
      else await sleep(LOOK_MS);
    }
    return false;
  };
  try {
    if (await Promise.race([holds(), failed])) return await asked;
    await (await asked).release();
    return undefined;
  } catch (error) {
    turn.abort(error);
    asked.then((late) => late.release(), () => {});
    throw error;
  } finally {
    isOver = true;
  }
}

function isHeldFor(info: LockInfo | undefined, why: string): boolean {
  return info?.holders.some((holder) => holder.why === why) ?? false;
}

function isWaitingFor(info: LockInfo | undefined, why: string): boolean {
  return info?.queue.some((waiter) => waiter.why === why) ?? false;
}

function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
