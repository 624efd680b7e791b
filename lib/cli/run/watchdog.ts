/**
 * Pings the server periodically, to notice when it stops answering, for connections without an idle
 * timeout. Time during which this process itself was stopped hardly counts.
 */
import type { Client } from "../../client/mod.ts";
import { pause } from "./hold.ts";

const PING_INTERVAL_MS = 10_000;
/** How long the server may leave pings unanswered. */
export const SILENCE_LIMIT_MS = 30_000;

/**
 * Returns how long the server may be silent while locks are held; undefined when the connection has
 * an idle timeout. Adds `keepMs`, for which the server keeps the lock after the connection breaks.
 */
export function silenceLimitMs(idleTimeoutMs: number, keepMs = 0): number | undefined {
  return idleTimeoutMs === 0 ? SILENCE_LIMIT_MS + keepMs : undefined;
}

/** Resolves to a message after `limitMs` without a reply; stays pending once `signal` aborts. */
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
