/**
 * A server that has fallen silent, noticed where connections have no deadline: by asking it
 * something, again and again. Time in which we were stopped ourselves counts for little.
 */
import type { Client } from "../../client/mod.ts";
import { pause } from "./holding.ts";

const PING_EVERY_MS = 10_000;
const MISSED_MOST = 3;

/** Resolves with a sentence once the server has not answered for a while; never once aborted. */
export async function untilSilent(client: Client, signal: AbortSignal): Promise<string> {
  let asked = false;
  for (let missed = 0; missed < MISSED_MOST; missed++) {
    if (!asked) {
      asked = true;
      client.ping()
        .then(() => missed = 0)
        .catch(() => {}) // the connection broke: the next one is asked
        .finally(() => asked = false);
    }
    await pause(PING_EVERY_MS, signal);
    if (signal.aborted) return await new Promise<never>(() => {});
  }
  return `the server has not answered for ${MISSED_MOST * PING_EVERY_MS / 1000} seconds`;
}
