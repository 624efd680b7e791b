/**
 * A server that has fallen silent, noticed where connections have no deadline: by asking it
 * something, again and again. Time in which we were stopped ourselves counts for little.
 */
import type { Client } from "../../client/mod.ts";
import { pause } from "./holding.ts";

const ASK_EVERY_MS = 10_000;
/** For how long it may leave us without an answer. */
export const SILENCE_MS = 30_000;

/**
 * For how long the server may be silent to who holds locks; undefined: the connections know, they
 * have a deadline. While the way is cut, the server keeps the lock for as long as `--keep` says.
 */
export function silenceMostMs(deadlineMs: number, keepMs = 0): number | undefined {
  return deadlineMs === 0 ? SILENCE_MS + keepMs : undefined;
}

/** Resolves with a sentence once nothing was answered for so long; never once aborted. */
export async function untilSilent(
  client: Client,
  mostMs: number,
  signal: AbortSignal,
): Promise<string> {
  let asked = false;
  for (let silentMs = 0; silentMs < mostMs; silentMs += ASK_EVERY_MS) {
    if (!asked) {
      asked = true;
      client.ping()
        .then(() => silentMs = 0)
        .catch(() => {}) // the connection broke: the next one is asked
        .finally(() => asked = false);
    }
    await pause(ASK_EVERY_MS, signal);
    if (signal.aborted) return await new Promise<never>(() => {});
  }
  return `the server has not answered for ${mostMs / 1000} seconds`;
}
