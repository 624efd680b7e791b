/** Steals a lock: joins the wait queue with the highest priority, then forces the holders out. */
import { PRIORITY_MAX } from "../wire/extended.ts";
import { sleep } from "./backoff.ts";
import type { Client, Lock, LockInfo } from "./types.ts";

/** What the Web Locks API needs of a client. */
export type LockSource = Pick<Client, "acquire" | "describe" | "list" | "force">;

/** Interval of checks whether the request is in the wait queue. */
const POLL_MS = 10;

/**
 * Returns the stolen lock. Throws `DeniedError` when the client is not an administrator, and
 * `DisabledError` when the server does not show its locks.
 */
export async function steal(client: LockSource, name: string): Promise<Lock> {
  for (;;) {
    const lock = await attempt(client, name);
    if (lock !== undefined) return lock;
  }
}

/**
 * Recognises its own request by a random `why`. Resolves to undefined when the lock was granted
 * just before `force`, so that `force` took it from this client.
 */
async function attempt(client: LockSource, name: string): Promise<Lock | undefined> {
  const why = `steal ${randomText()}`;
  const controller = new AbortController();
  const options = { mode: "write", wait: "forever", priority: PRIORITY_MAX, why } as const;
  let isGranted = false;
  let isOver = false;
  const acquired = client.acquire(name, { ...options, signal: controller.signal });
  const failed = acquired.then(() => {
    isGranted = true;
    return new Promise<never>(() => {});
  });
  failed.catch(() => {}); // it may reject after the race below
  const forceUntilHeld = async () => {
    while (!isOver) {
      const wasGranted = isGranted;
      const info = await client.describe(name);
      if (isHeldFor(info, why)) return true;
      if (wasGranted) return false;
      if (isWaitingFor(info, why)) await client.force(name, why);
      else await sleep(POLL_MS);
    }
    return false;
  };
  try {
    if (await Promise.race([forceUntilHeld(), failed])) return await acquired;
    await (await acquired).release();
    return undefined;
  } catch (error) {
    controller.abort(error);
    acquired.then((late) => late.release(), () => {});
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
