/** Acquires locks for `run`: waits, retries where that may help, and notices a silent server. */
// @ts-types="../../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import {
  type AcquireOptions,
  type Client,
  ConnectionError,
  type Lock,
  type LockInfo,
} from "../../client/mod.ts";
import { connectLocks, errorCodeOf, exitErrorOf } from "../connect.ts";
import { defaultName, LOCKS_VARIABLE, locksUrl } from "../defaults.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { escapeControls } from "../terminal_text.ts";
import { pause, replyBy, type RunHold, settledWithin } from "./hold.ts";
import { isAtTerminal } from "./posix.ts";
import type { RunLockOptions, RunOptions } from "./run_options.ts";
import { WaitLine, waitText } from "./wait_line.ts";
import { SILENCE_LIMIT_MS, silenceLimitMs, untilSilent } from "./watchdog.ts";

const IDLE_TIMEOUT_MS = 30_000;
/** How long after the end of a wait the server's reply may arrive. */
const REPLY_MARGIN_MS = 2000;
/** Pauses between attempts to reach a server that is stopping, or was reachable before. */
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 5000;
/** How long the wait line waits for the server's description of the locks. */
const DESCRIBE_TIMEOUT_MS = 2000;
/** How long a release may take. When this process ends, its connection closes and releases too. */
const RELEASE_TIMEOUT_MS = 5000;
/** Codes of errors after which a retry may help: the server is unreachable or stopping. */
const RETRYABLE = ["unreachable", "draining"];

/** Resolves when the locks are held. Throws `ExitError`, or the reason of `signal`. */
export async function acquireLocks(
  run: RunOptions,
  request: RunLockOptions,
  signal: AbortSignal,
): Promise<RunHold> {
  const url = locksUrl(run.url);
  const name = run.name ?? defaultName();
  // Ctrl-Z at a terminal may stop this process for a long time, and must not lose the lock.
  const idleTimeoutMs = request.idleTimeoutMs ?? (isAtTerminal() ? 0 : IDLE_TIMEOUT_MS);
  const deadlineSeconds = Math.ceil(idleTimeoutMs / 1000);
  try {
    const dial = () => connectLocks(url, { name, deadlineSeconds, signal });
    const { client, lock } = await acquire(dial, run, request, name, signal);
    const env = { ...environmentOf(lock), ...run.url && { [LOCKS_VARIABLE]: url } };
    return holdOf(client, lock, env, silenceLimitMs(idleTimeoutMs, request.options.grace));
  } catch (error) {
    throw exitErrorOf(error) ?? error;
  }
}

interface AcquiredLocks {
  readonly client: Client;
  readonly lock: Lock;
}

/**
 * Throws at once when the first attempt cannot reach the server: the address is probably wrong.
 * After one successful connection, retries until the wait is over.
 */
async function acquire(
  dial: () => Promise<Client>,
  { wait }: RunOptions,
  { names, options }: RunLockOptions,
  name: string,
  signal: AbortSignal,
): Promise<AcquiredLocks> {
  let client: Client | undefined;
  using _line = new WaitLine(async (waitedMs) => {
    const info = await findBlockingLock(client, names, name);
    return waitText(names, info, name, waitedMs, Date.now());
  }, signal);
  const startedMs = performance.now();
  let wasConnected = false;
  for (let pauseMs = BACKOFF_MIN_MS;; pauseMs = Math.min(pauseMs * 2, BACKOFF_MAX_MS)) {
    const nowMs = performance.now();
    const remaining = wait === "forever"
      ? wait
      : Math.max(0, Math.ceil(wait - (nowMs - startedMs)));
    const endMs = remaining === "forever" ? Infinity : nowMs + remaining + REPLY_MARGIN_MS;
    const dialing = dial();
    try {
      client = await replyBy(dialing, endMs);
      wasConnected = true;
      const acquiring = acquireWhileResponsive(client, names, {
        ...options,
        wait: remaining,
        signal,
      });
      return { client, lock: await replyBy(acquiring, endMs) };
    } catch (error) {
      client = undefined;
      dialing.then((connection) => connection.close()).catch(() => {}); // even if it opens later
      const isRetryable = wasConnected && RETRYABLE.includes(errorCodeOf(error) ?? "");
      if (remaining === 0 && wait !== 0 && errorCodeOf(error) === "busy") throw timeoutError(error);
      if (remaining === 0 || signal.aborted || !isRetryable) throw error;
      await pause(remaining === "forever" ? pauseMs : Math.min(pauseMs, remaining), signal);
    }
  }
}

/** The last attempt did not wait, but earlier ones did: reports a timeout instead of "busy". */
function timeoutError(error: unknown): ExitError {
  return new ExitError(EXIT.timeout, error instanceof Error ? error.message : String(error));
}

/** Waits for the locks. Throws `ConnectionError` when the server stops answering pings. */
async function acquireWhileResponsive(
  client: Client,
  names: readonly string[],
  options: AcquireOptions,
): Promise<Lock> {
  const done = new AbortController();
  try {
    const silence = untilSilent(client, SILENCE_LIMIT_MS, done.signal).then((message) => {
      throw new ConnectionError(message);
    });
    return await Promise.race([client.acquire(names, options), silence]);
  } finally {
    done.abort();
  }
}

/** Resolves to the first lock that this client waits for; undefined when that is unknown. */
async function findBlockingLock(
  client: Client | undefined,
  names: readonly string[],
  name: string,
): Promise<LockInfo | undefined> {
  if (client === undefined) return undefined; // disconnected
  try {
    const replies = Promise.all(names.map((lock) => client.describe(lock)));
    const infos = (await deadline(replies, DESCRIBE_TIMEOUT_MS)).filter((it) => it !== undefined);
    return infos.find(({ holders, queue }) =>
      holders.length > 0 && queue.some((waiter) => waiter.name === name)
    ) ?? infos[0];
  } catch {
    return undefined;
  }
}

/** Writes several values one per line, and escapes holders' names: other clients chose them. */
function environmentOf({ names, token, previous }: Lock): Record<string, string> {
  return {
    HOLDFAST_LOCK: names.join("\n"),
    HOLDFAST_TOKEN: String(token),
    HOLDFAST_PREVIOUS: previous.map(({ cause }) => cause).join("\n"),
    HOLDFAST_PREVIOUS_HOLDER: previous.map(({ holder = "" }) => escapeControls(holder)).join("\n"),
  };
}

/** @param silenceMs how long the server may be silent; undefined if the connection has a timeout */
function holdOf(
  client: Client,
  lock: Lock,
  env: Readonly<Record<string, string>>,
  silenceMs: number | undefined,
): RunHold {
  const released = new AbortController();
  const lost = lock.lost.then((error) => error.message);
  const silent = silenceMs === undefined ? [] : [untilSilent(client, silenceMs, released.signal)];
  const release = async () => {
    released.abort();
    await settledWithin(lock.release().then(() => client.close()), RELEASE_TIMEOUT_MS);
  };
  return { env, lost: Promise.race([lost, ...silent]), release };
}
