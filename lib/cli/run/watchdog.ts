/**
 * Notices a server that has fallen silent, where the connection has no idle timeout: pings it again
 * and again. Time in which this process was stopped itself hardly counts.
 */
import type { Client } from "../../client/mod.ts";
import { pause } from "./hold.ts";

const PING_INTERVAL_MS = 10_000;
/** How long the server may leave pings unanswered. */
export const SILENCE_LIMIT_MS = 30_000;

/**
 * Returns how long the server may be silent while locks are held; undefined when the connection has
 * an idle timeout. After a loss of the connection the server keeps the lock for `keepMs`.
 */
export function silenceLimitMs(idleTimeoutMs: number, keepMs = 0): number | undefined {
  return idleTimeoutMs === 0 ? SILENCE_LIMIT_MS + keepMs : undefined;
}

/** Resolves with a message after `limitMs` without a reply; stays pending once aborted. */
export async function untilSilent(
  client: Client,
  limitMs: number,
  signal: AbortSignal,
): Promise<string> {
  let isPinging = false;
  for (let silentMs = 0; silentMs < limitMs; silentMs += PING_INTERVAL_MS) {
    if (!isPinging) {
      isPinging = true;
      client.ping()
        .then(() => silentMs = 0)
        .catch(() => {}) // the connection broke: the next ping goes over a new one
        .finally(() => isPinging = false);
    }
    await pause(PING_INTERVAL_MS, signal);
    if (signal.aborted) return await new Promise<never>(() => {});
  }
  return `no reply from the server for ${limitMs / 1000} seconds`;
}
