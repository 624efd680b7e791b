/**
 * The client library for browsers, Deno and Node; docs/client.md is its guide. Loading it has no
 * side effects, and needs no API of a single runtime.
 *
 * @module
 */
import { LockClient } from "./client.ts";
import { dialerOf, isPage } from "./dial/mod.ts";
import { RequestError } from "./errors.ts";
import type { PoolClient, PoolOptions } from "./pool_types.ts";
import { LookyClient } from "./pools.ts";
import type { Client, ClientOptions } from "./types.ts";
import { checkText } from "./validate.ts";

export { listOf, type ReplyLine as Line, valueOf, type Values } from "../wire/extended.ts";
export * from "./errors.ts";
export type { Mode } from "./modes.ts";
export { PoolError } from "./pool_reply.ts";
export type * from "./pool_types.ts";
export type * from "./types.ts";
export type * from "./web_locks_types.ts";

/** Browsers run the timers of a hidden page only once a minute. */
const DEADLINE_SECONDS = isPage ? 180 : 30;

/**
 * Connects to the locks of a server.
 *
 * @param url `tcp://HOST:PORT`, `unix:PATH`, `ws://HOST:PORT/` or `wss://HOST/`. Default:
 * `tcp://127.0.0.1:9999`; in browsers `ws://127.0.0.1:9998/`.
 *
 * Throws `ConnectionError` when the server cannot be reached, `RequestError` for invalid arguments,
 * or the signal's reason.
 */
export async function connect(url?: string | URL, options: ClientOptions = {}): Promise<Client> {
  const { name, deadlineSeconds = DEADLINE_SECONDS, reconnect = true, signal } = options;
  if (name !== undefined) checkText(name, "the client's name");
  if (!Number.isInteger(deadlineSeconds) || deadlineSeconds < 0) {
    throw new RequestError(
      `Cannot connect: the option "deadlineSeconds" must be an integer from 0 (no timeout)`,
    );
  }
  const dialer = dialerOf(url, { port: 9999, webSocketUrl: "ws://127.0.0.1:9998/" });
  return await LockClient.open(dialer, { name, deadlineSeconds, reconnect }, signal);
}

/**
 * Connects to the pools of a server.
 *
 * @param url as for `connect`. Default: `tcp://127.0.0.1:4040`; in browsers
 * `ws://127.0.0.1:9998/looky`.
 *
 * Throws `ConnectionError` when the server cannot be reached, `RequestError` for invalid arguments,
 * or the signal's reason.
 */
export async function connectPools(
  url?: string | URL,
  options: PoolOptions = {},
): Promise<PoolClient> {
  const dialer = dialerOf(url, { port: 4040, webSocketUrl: "ws://127.0.0.1:9998/looky" });
  return await LookyClient.open(dialer, options);
}
