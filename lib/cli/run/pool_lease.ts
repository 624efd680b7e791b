/**
 * A place in a pool for `run`: consumes, asking again while there is no room; consumes again well
 * before the session ends, as long as the command runs; releases. A session belongs to its consumer
 * and not to a connection, so a connection that breaks is made anew, and no harm done in time.
 */
import { TIME_MS_MAX } from "../../wire/extended.ts";
import { ConnectionError, type PoolClient } from "../../client/mod.ts";
import { codeOf, connectPools, failureOf } from "../connect.ts";
import { defaultName, POOLS_VARIABLE, poolsUrl } from "../defaults.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { harmless } from "../terminal_text.ts";
import { writeSpan } from "../durations.ts";
import { pause, type RunHold, settled } from "./holding.ts";
import { WaitLine } from "./wait_line.ts";
import type { RunOptions, RunPoolOptions } from "./run_options.ts";

/** Between questions whether there is room by now. */
const PAUSE_LEAST_MS = 250;
const PAUSE_MOST_MS = 5000;
/** A session is renewed so many times within its life, so that one miss, or two, ends nothing. */
const RENEWALS = 4;
const RENEWAL_LEAST_MS = 500;
const RENEWAL_MOST_MS = 10 * 60_000;
const RELEASE_MS = 5000;
/** How much later than a wait ends the server may tell. */
const ANSWER_MS = 2000;

/** What was given, by our own clock, which may be another than the server's. */
interface Slot {
  readonly resource: string;
  readonly lifeMs: number;
  /** When it was asked for, on the clock of `performance.now()`. */
  readonly askedMs: number;
}

interface PrintedPools {
  readonly pool: Readonly<Record<string, { readonly latency: number }>>;
}

/** Resolves once there is room. Throws `Failure`. */
export async function takeSlot(
  wish: RunOptions,
  { pool, consumer: given }: RunPoolOptions,
  signal: AbortSignal,
): Promise<RunHold> {
  const url = poolsUrl(wish.url);
  const consumer = given ?? wish.name ?? defaultName();
  const untilMs = performance.now() + ANSWER_MS + (wish.wait === "forever" ? Infinity : wish.wait);
  try {
    const client = await answered(connectPools(url, { signal }), untilMs);
    const consuming = () => answered(consumeOnce(client, pool, consumer), untilMs);
    const slot = await consume(consuming, wish, pool, signal);
    const over = new AbortController();
    const release = async () => {
      over.abort();
      await settled(client.release(pool, consumer).then(() => client.close()), RELEASE_MS);
    };
    const env = {
      HOLDFAST_POOL: pool,
      HOLDFAST_CONSUMER: consumer,
      HOLDFAST_RESOURCE: slot.resource,
      ...wish.url && { [POOLS_VARIABLE]: url },
    };
    return { env, lost: keep(client, pool, consumer, slot, over.signal), release };
  } catch (error) {
    throw failureOf(error) ?? error;
  }
}

async function consume(
  consuming: () => Promise<Slot>,
  { wait }: RunOptions,
  pool: string,
  signal: AbortSignal,
): Promise<Slot> {
  const tell = (waitedMs: number) =>
    `Waiting for room in pool ${harmless(pool)} (${writeSpan(waitedMs)})`;
  using _line = new WaitLine(tell, signal);
  const began = performance.now();
  let reached = false;
  for (let ms = PAUSE_LEAST_MS;; ms = Math.min(ms * 2, PAUSE_MOST_MS)) {
    try {
      return await consuming();
    } catch (error) {
      const code = codeOf(error);
      reached ||= code === "no-room";
      const waits = code === "no-room" || (code === "unreachable" && reached);
      if (!waits || wait === 0 || signal.aborted) throw error;
      const left = wait === "forever" ? Infinity : wait - (performance.now() - began);
      if (left <= 0) throw overdue(error, pool);
      await pause(Math.min(ms, left), signal);
    }
  }
}

function overdue(error: unknown, pool: string): unknown {
  if (codeOf(error) !== "no-room") return error;
  return new ExitError(EXIT.timeout, `there was no room in the pool ${pool} in time`);
}

async function consumeOnce(client: PoolClient, pool: string, consumer: string): Promise<Slot> {
  const lifeMs = await latencyOf(client, pool); // first: what fails now has taken nothing yet
  const askedMs = performance.now();
  const { resource } = await client.consume(pool, consumer);
  return { resource, lifeMs, askedMs };
}

/** For how long the pool keeps a session that nobody renews; `expires` is by the server's clock. */
async function latencyOf(client: PoolClient, pool: string): Promise<number> {
  const { json } = await client.ask("print-pool", [pool], { native: true });
  const { latency } = (json as PrintedPools).pool[pool] ?? {};
  return (latency ?? 0) * 1000;
}

/** What has been asked for; ConnectionError when the wait has been over for a while. */
async function answered<T>(asked: Promise<T>, untilMs: number): Promise<T> {
  const answer = await inTime(asked, untilMs);
  if (answer === undefined) throw new ConnectionError("the server does not answer");
  return answer;
}

/** What has been asked for, unless it takes longer than that: a connection may be cut in silence. */
async function inTime<T>(asked: Promise<T>, endMs: number): Promise<T | undefined> {
  const { promise: end, resolve } = Promise.withResolvers<undefined>();
  const ms = Math.min(TIME_MS_MAX, Math.max(0, endMs - performance.now()));
  const timer = setTimeout(resolve, ms, undefined);
  try {
    asked.catch(() => {}); // when it comes too late
    return await Promise.race([asked, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with a sentence when the session is over, or another resource is all there is. */
async function keep(
  client: PoolClient,
  pool: string,
  consumer: string,
  slot: Slot,
  signal: AbortSignal,
): Promise<string> {
  let { lifeMs, askedMs } = slot;
  while (performance.now() - askedMs < lifeMs) {
    const everyMs = Math.min(RENEWAL_MOST_MS, Math.max(RENEWAL_LEAST_MS, lifeMs / RENEWALS));
    await pause(everyMs, signal);
    if (signal.aborted) return await new Promise<never>(() => {});
    try {
      const now = await inTime(consumeOnce(client, pool, consumer), askedMs + lifeMs);
      if (now === undefined) break;
      if (now.resource !== slot.resource) {
        return `${pool}: ${slot.resource} was taken away, ${now.resource} given instead`;
      }
      ({ lifeMs, askedMs } = now);
    } catch (error) {
      if (codeOf(error) === "unreachable") continue;
      return `${pool}: ${slot.resource} was taken away (${String(error)})`;
    }
  }
  return `${pool}: the server was away for longer than the pool keeps ${slot.resource}`;
}
