/** Takes back on a new connection the locks of broken connections that `grace` has kept. */
import { numberOf } from "../wire/extended.ts";
import { ConnectionError } from "./errors.ts";
import type { ClientSession } from "./session.ts";
import type { SessionPool } from "./session_pool.ts";

/** A session whose connection has ended, with what `resume` sends to take back its locks. */
export interface DetachedSession {
  readonly id: string;
  readonly secret: string;
}

export interface ResumeResult {
  /** The new connection. */
  readonly session: ClientSession;
  /** Whether the new connection took back any lock. */
  readonly isResumed: boolean;
}

/**
 * Connects again, with pauses between attempts until `untilMs` (`performance.now`), and resumes.
 *
 * @param detached the sessions that held the locks, latest first. A session whose connection breaks
 * during the resume is added: the server may already have given the locks to it.
 */
export async function resume(
  sessions: SessionPool,
  detached: DetachedSession[],
  untilMs: number,
  signal?: AbortSignal,
): Promise<ResumeResult> {
  return await resumeOn(() => sessions.reconnect(untilMs, signal), detached, untilMs);
}

/**
 * Releases in the background what `grace` may keep of abandoned sessions: a lock that was granted
 * as the connection broke, so that no caller knows of it.
 */
export function releaseDetached(
  sessions: SessionPool,
  detached: DetachedSession[],
  graceMs: number,
): void {
  if (graceMs === 0 || detached.length === 0 || !sessions.reconnects) return;
  const untilMs = performance.now() + graceMs;
  const connect = () => sessions.reconnectEvenIfClosing(untilMs);
  const resumed = resumeOn(connect, detached, untilMs);
  sessions.runInBackground(resumed.then(({ session }) => session.bye()));
}

async function resumeOn(
  connect: () => Promise<ClientSession>,
  detached: DetachedSession[],
  untilMs: number,
): Promise<ResumeResult> {
  for (;;) {
    const session = await connect();
    try {
      for (const { id, secret } of detached) {
        const reply = await session.ask("resume", [id], { secret });
        const isResumed = reply.word === "resumed" && numberOf(reply, "count") !== 0;
        if (isResumed) return { session, isResumed };
      }
      return { session, isResumed: false };
    } catch (error) {
      if (!(error instanceof ConnectionError) || performance.now() > untilMs) throw error;
      detached.unshift(session);
    }
  }
}
