/** Taking locks for `run`: waits, asks again where asking again may help, watches the server. */
import {
  type AcquireOptions,
  type Client,
  ConnectionError,
  type Lock,
  type LockInfo,
} from "../../client/mod.ts";
import { codeOf, connectLocks, failureOf } from "../connect.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { defaultName, LOCKS_VARIABLE, locksUrl } from "../defaults.ts";
import { pause, type RunHold, settled } from "./holding.ts";
import { SILENCE_MS, silenceMostMs, untilSilent } from "./watchdog.ts";
import { harmless } from "../terminal_text.ts";
import { isAtTerminal } from "./posix.ts";
import { WaitLine, waitText } from "./wait_line.ts";
import type { RunLockOptions, RunOptions } from "./run_options.ts";

const DEADLINE_MS = 30_000;
/** How much later than a wait ends the server may tell. */
const ANSWER_MS = 2000;
/** Between attempts to reach a server that was there before, or is about to end. */
const PAUSE_LEAST_MS = 250;
const PAUSE_MOST_MS = 5000;
/** How long the line of a wait waits for the server to tell who is in the way. */
const TELL_MS = 2000;
/** How long the end may take: the kernel closes what is left, and that gives it back, too. */
const CLOSE_MS = 5000;
/** Worth asking again, as long as there is time: the server is away, or about to be. */
const PASSING = ["unreachable", "draining"];

/** Resolves once the locks are held. Throws `Failure`, and whatever `signal` is aborted with. */
export async function takeLocks(
  wish: RunOptions,
  lockWish: RunLockOptions,
  signal: AbortSignal,
): Promise<RunHold> {
  const url = locksUrl(wish.url);
  const name = wish.name ?? defaultName();
  // At a terminal Ctrl-Z may stop us for any time, and nobody expects to lose a lock by that.
  const deadlineMs = lockWish.deadlineMs ?? (isAtTerminal() ? 0 : DEADLINE_MS);
  const deadlineSeconds = Math.ceil(deadlineMs / 1000);
  try {
    const dial = () => connectLocks(url, { name, deadlineSeconds, signal });
    const { client, lock } = await acquire(dial, wish, lockWish, name, signal);
    const env = { ...variablesOf(lock), ...wish.url && { [LOCKS_VARIABLE]: url } };
    return holdingOf(client, lock, env, silenceMostMs(deadlineMs, lockWish.options.grace));
  } catch (error) {
    throw failureOf(error) ?? error;
  }
}

interface Taken {
  readonly client: Client;
  readonly lock: Lock;
}

/**
 * A server that cannot be reached at first is a mistake of somebody's; one that was there is waited
 * for as long as the lock is. `left` of the wait is what those attempts have left of it.
 */
async function acquire(
  dial: () => Promise<Client>,
  { wait }: RunOptions,
  { names, options }: RunLockOptions,
  name: string,
  signal: AbortSignal,
): Promise<Taken> {
  const shared = options.mode === "shared" || options.mode === "read";
  let client: Client | undefined;
  using _line = new WaitLine(async (waitedMs) => {
    const info = await inTheWay(client, names, name);
    return waitText(names, info, { name, shared }, waitedMs, Date.now());
  }, signal);
  const began = performance.now();
  let wasThere = false;
  for (let ms = PAUSE_LEAST_MS;; ms = Math.min(ms * 2, PAUSE_MOST_MS)) {
    const waited = performance.now() - began;
    const left = wait === "forever" ? wait : Math.max(0, Math.ceil(wait - waited));
    const late = new AbortController();
    try {
      const overdue = unlessLate(left, late.signal);
      const dialling = dial();
      dialling.then((tardy) => {
        if (late.signal.aborted) tardy.close().catch(() => {});
      }, () => {});
      client = await Promise.race([dialling, overdue]);
      wasThere = true;
      const asked = attempt(client, names, { ...options, wait: left, signal });
      const lock = await Promise.race([asked, overdue]);
      return { client, lock };
    } catch (error) {
      client?.close().catch(() => {});
      client = undefined;
      const passes = wasThere && PASSING.includes(codeOf(error) ?? "");
      if (left === 0 && wait !== 0 && codeOf(error) === "busy") throw overdue(error);
      if (left === 0 || signal.aborted || !passes) throw error;
      await pause(left === "forever" ? ms : Math.min(ms, left), signal);
    } finally {
      late.abort();
    }
  }
}

/** Rejects when the server has not even answered by the end of the wait: it has fallen silent. */
async function unlessLate(left: number | "forever", signal: AbortSignal): Promise<never> {
  if (left !== "forever") {
    await pause(left + ANSWER_MS, signal);
    if (!signal.aborted) throw new ConnectionError("the server does not answer");
  }
  return await new Promise<never>(() => {});
}

/** The last of several attempts did not wait, but all of them together did. */
function overdue(error: unknown): ExitError {
  return new ExitError(EXIT.timeout, error instanceof Error ? error.message : String(error));
}

/** Waits on this client, and gives it up when the server falls silent. */
async function attempt(
  client: Client,
  names: readonly string[],
  options: AcquireOptions,
): Promise<Lock> {
  const over = new AbortController();
  try {
    const silence = untilSilent(client, SILENCE_MS, over.signal).then((message) => {
      throw new ConnectionError(message);
    });
    return await Promise.race([client.acquire(names, options), silence]);
  } finally {
    over.abort();
  }
}

/** The first of the names that we wait for; undefined when the server does not tell. */
async function inTheWay(
  client: Client | undefined,
  names: readonly string[],
  name: string,
): Promise<LockInfo | undefined> {
  try {
    if (client === undefined) return undefined; // it is away
    const asked = Promise.all(names.map((lock) => client.describe(lock)));
    const late = new AbortController();
    const infos = await Promise.race([asked, pause(TELL_MS, late.signal)]) ?? [];
    late.abort();
    const found = infos.filter((info) => info !== undefined);
    return found.find(({ holders, queue }) =>
      holders.length > 0 && queue.some((waiter) => waiter.name === name)
    ) ?? found[0];
  } catch {
    return undefined;
  }
}

/** One name a line where there are several; those of holders, who are strangers, made harmless. */
function variablesOf({ names, token, previous }: Lock): Record<string, string> {
  return {
    HOLDFAST_LOCK: names.join("\n"),
    HOLDFAST_TOKEN: String(token),
    HOLDFAST_PREVIOUS: previous.map(({ cause }) => cause).join("\n"),
    HOLDFAST_PREVIOUS_HOLDER: previous.map(({ holder = "" }) => harmless(holder)).join("\n"),
  };
}

/** @param silenceMs for how long the server may be silent; undefined: the connections know. */
function holdingOf(
  client: Client,
  lock: Lock,
  env: Readonly<Record<string, string>>,
  silenceMs: number | undefined,
): RunHold {
  const over = new AbortController();
  const lost = lock.lost.then((error) => error.message);
  const silent = silenceMs === undefined ? [] : [untilSilent(client, silenceMs, over.signal)];
  const release = async () => {
    over.abort();
    await settled(lock.release().then(() => client.close()), CLOSE_MS);
  };
  return { env, lost: Promise.race([lost, ...silent]), release };
}
