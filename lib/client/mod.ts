/**
 * The client library, for browsers, Deno and Node: what it is and how it is used, docs/client.md
 * tells. Nothing here touches a runtime before a connection is asked for.
 */
import { LockClient } from "./client.ts";
import { dialerOf, isPage } from "./dial/mod.ts";
import { RequestError } from "./errors.ts";
import { LookyClient } from "./pools.ts";
import type { PoolClient, PoolOptions } from "./pool_types.ts";
import type { Client, ClientOptions } from "./types.ts";
import { checkText } from "./validate.ts";

export { listOf, type ReplyLine as Line, valueOf, type Values } from "../wire/extended.ts";
export * from "./errors.ts";
export type * from "./types.ts";
export type * from "./pool_types.ts";
export { PoolError } from "./pool_reply.ts";
export type {
  GrantedLock,
  LockEntry,
  LockGrantedCallback,
  LockManager,
  LockManagerSnapshot,
  LockMode,
  LockRequestOptions,
} from "./web_locks.ts";

/** Browsers wake the timers of a page that nobody looks at once a minute. */
const DEADLINE_SECONDS = isPage ? 180 : 30;

/**
 * Connects to a server's locks: tcp://HOST:PORT, unix:PATH, ws://HOST:PORT/ or wss://...; default
 * tcp://127.0.0.1:9999, ws://127.0.0.1:9998/ in browsers. ConnectionError, RequestError, and the
 * signal's reason.
 */
export async function connect(url?: string | URL, options: ClientOptions = {}): Promise<Client> {
  const { name, deadlineSeconds = DEADLINE_SECONDS, reconnect = true, signal } = options;
  if (name !== undefined) checkText(name, "the client's name");
  if (!Number.isInteger(deadlineSeconds) || deadlineSeconds < 0) {
    throw new RequestError("deadlineSeconds must be a whole number; 0 switches it off");
  }
  const dialer = dialerOf(url, { port: 9999, web: "ws://127.0.0.1:9998/" });
  return await LockClient.open(dialer, { name, deadlineSeconds, reconnect }, signal);
}

/**
 * Connects to a server's pools; default tcp://127.0.0.1:4040, ws://127.0.0.1:9998/looky in
 * browsers. ConnectionError, RequestError, and the signal's reason.
 */
export async function connectPools(
  url?: string | URL,
  options: PoolOptions = {},
): Promise<PoolClient> {
  const dialer = dialerOf(url, { port: 4040, web: "ws://127.0.0.1:9998/looky" });
  return await LookyClient.open(dialer, options);
}
