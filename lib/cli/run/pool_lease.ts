/**
 * A pool resource for `run`: consumes it, retries while the pool is full, renews the pool session
 * well before it expires, and releases it. A pool session belongs to its consumer, not to a
 * connection, so a broken connection loses nothing if the client reconnects in time.
 */
import type { PoolClient } from "../../client/mod.ts";
import { connectPools, errorCodeOf, exitErrorOf } from "../connect.ts";
import { defaultName, POOLS_VARIABLE, poolsUrl } from "../defaults.ts";
import { formatDuration } from "../durations.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { escapeControls } from "../terminal_text.ts";
import { pause, replyBy, type RunHold, settledWithin } from "./hold.ts";
import type { RunOptions, RunPoolOptions } from "./run_options.ts";
import { WaitLine } from "./wait_line.ts";

/** Pauses between attempts while the pool is full. */
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 5000;
/** Renewals per lifetime of a session, so that the session survives one or two failed renewals. */
const RENEWALS = 4;
const RENEWAL_MIN_MS = 500;
const RENEWAL_MAX_MS = 10 * 60_000;
const RELEASE_TIMEOUT_MS = 5000;
/** How long after the end of a wait the server's reply may arrive. */
const REPLY_MARGIN_MS = 2000;

/** An assigned resource, timed by the local clock, which may differ from the server's. */
interface Assignment {
  readonly resource: string;
  readonly lifetimeMs: number;
  /** When the request was sent (`performance.now`). */
  readonly requestedMs: number;
}

/** The part of the reply to `print-pool` that is used here. */
interface PrintedPools {
  readonly pool: Readonly<Record<string, { readonly latency: number }>>;
}

/** Resolves when a resource is assigned. Throws `ExitError`. */
export async function acquirePoolLease(
  run: RunOptions,
  { pool, consumer: option }: RunPoolOptions,
  signal: AbortSignal,
): Promise<RunHold> {
  const url = poolsUrl(run.url);
  const consumer = option ?? run.name ?? defaultName();
  const waitMs = run.wait === "forever" ? Infinity : run.wait;
  const endMs = performance.now() + REPLY_MARGIN_MS + waitMs;
  try {
    const client = await replyBy(connectPools(url, { signal }), endMs);
    const consume = () => replyBy(consumeOnce(client, pool, consumer), endMs);
    const assignment = await waitForRoom(consume, run, pool, signal);
    const released = new AbortController();
    const release = async () => {
      released.abort();
      const closed = client.release(pool, consumer).then(() => client.close());
      await settledWithin(closed, RELEASE_TIMEOUT_MS);
    };
    const env = {
      HOLDFAST_POOL: pool,
      HOLDFAST_CONSUMER: consumer,
      HOLDFAST_RESOURCE: assignment.resource,
      ...run.url && { [POOLS_VARIABLE]: url },
    };
    const lost = renewUntilLost(client, pool, consumer, assignment, released.signal);
    return { env, lost, release };
  } catch (error) {
    throw exitErrorOf(error) ?? error;
  }
}

/** Retries while the pool is full, and while a server that has replied before is unreachable. */
async function waitForRoom(
  consume: () => Promise<Assignment>,
  { wait }: RunOptions,
  pool: string,
  signal: AbortSignal,
): Promise<Assignment> {
  const describe = (waitedMs: number) =>
    `Waiting for room in pool ${escapeControls(pool)} (${formatDuration(waitedMs)})`;
  using _line = new WaitLine(describe, signal);
  const startedMs = performance.now();
  let hasReplied = false;
  for (let pauseMs = BACKOFF_MIN_MS;; pauseMs = Math.min(pauseMs * 2, BACKOFF_MAX_MS)) {
    try {
      return await consume();
    } catch (error) {
      const code = errorCodeOf(error);
      hasReplied ||= code === "no-room";
      const isRetryable = code === "no-room" || (code === "unreachable" && hasReplied);
      if (!isRetryable || wait === 0 || signal.aborted) throw error;
      const leftMs = wait === "forever" ? Infinity : wait - (performance.now() - startedMs);
      if (leftMs <= 0) throw timeoutError(error, pool);
      await pause(Math.min(pauseMs, leftMs), signal);
    }
  }
}

function timeoutError(error: unknown, pool: string): unknown {
  if (errorCodeOf(error) !== "no-room") return error;
  return new ExitError(EXIT.timeout, `Cannot consume from pool ${pool}: no room within --wait`);
}

async function consumeOnce(
  client: PoolClient,
  pool: string,
  consumer: string,
): Promise<Assignment> {
  const lifetimeMs = await latencyOf(client, pool); // first: a failure leaves nothing to release
  const requestedMs = performance.now();
  const { resource } = await client.consume(pool, consumer);
  return { resource, lifetimeMs, requestedMs };
}

/** Resolves to the lifetime of a session; not read from `expires`, a time of the server's clock. */
async function latencyOf(client: PoolClient, pool: string): Promise<number> {
  const { json } = await client.ask("print-pool", [pool], { native: true });
  const { latency } = (json as PrintedPools).pool[pool] ?? {};
  return (latency ?? 0) * 1000;
}

/** Resolves to the reason when the session expires, cannot be renewed, or gets another resource. */
async function renewUntilLost(
  client: PoolClient,
  pool: string,
  consumer: string,
  { resource, ...session }: Assignment,
  signal: AbortSignal,
): Promise<string> {
  let { lifetimeMs, requestedMs } = session;
  for (;;) {
    const expiresMs = requestedMs + lifetimeMs;
    const intervalMs = Math.min(RENEWAL_MAX_MS, Math.max(RENEWAL_MIN_MS, lifetimeMs / RENEWALS));
    await pause(Math.min(intervalMs, expiresMs - performance.now()), signal);
    if (signal.aborted) return await new Promise<never>(() => {});
    if (performance.now() >= expiresMs) break;
    try {
      const renewed = await replyBy(consumeOnce(client, pool, consumer), expiresMs);
      if (renewed.resource !== resource) {
        return `Lost ${resource} of pool ${pool}: ${renewed.resource} was assigned instead`;
      }
      ({ lifetimeMs, requestedMs } = renewed);
    } catch (error) {
      if (errorCodeOf(error) === "unreachable") continue;
      const message = error instanceof Error ? error.message : String(error);
      return `Lost ${resource} of pool ${pool}: ${message}`;
    }
  }
  return `Lost ${resource} of pool ${pool}: the server was unreachable until the session expired`;
}
