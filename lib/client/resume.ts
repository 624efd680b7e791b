/** Coming back by another connection for what `grace` has kept of those that broke. */
import { numberOf } from "../wire/extended.ts";
import { ConnectionError } from "./errors.ts";
import type { ClientSession } from "./session.ts";
import type { SessionPool } from "./session_pool.ts";

/** What it takes to come back for what a connection held. */
export interface Memory {
  readonly id: string;
  readonly secret: string;
}

export interface Return {
  readonly session: ClientSession;
  /** Whether anything came along. */
  readonly isResumed: boolean;
}

/**
 * Connects again, with pauses, up to `untilMs` (performance.now).
 *
 * @param memories the connections that have held it, the last one first. One that breaks when the
 * server has handed all to it already, and before that is known here, is added.
 */
export async function comeBack(
  sessions: SessionPool,
  memories: Memory[],
  untilMs: number,
  signal?: AbortSignal,
): Promise<Return> {
  return await resumeBy(() => sessions.reopen(untilMs, signal), memories, untilMs);
}

/**
 * Gives back, behind the back of whoever asked, what `grace` may keep of connections that were given
 * up: a lock that was granted at that very moment, and that nobody knows of.
 */
export function disown(sessions: SessionPool, memories: Memory[], graceMs: number): void {
  if (graceMs === 0 || memories.length === 0 || !sessions.reconnects) return;
  const untilMs = performance.now() + graceMs;
  const reopen = () => sessions.reopenAtLast(untilMs);
  sessions.seeTo(resumeBy(reopen, memories, untilMs).then(({ session }) => session.bye()));
}

async function resumeBy(
  reopen: () => Promise<ClientSession>,
  memories: Memory[],
  untilMs: number,
): Promise<Return> {
  for (;;) {
    const session = await reopen();
    try {
      for (const { id, secret } of memories) {
        const reply = await session.ask("resume", [id], { secret });
        const isResumed = reply.word === "resumed" && numberOf(reply, "count") !== 0;
        if (isResumed) return { session, isResumed };
      }
      return { session, isResumed: false };
    } catch (error) {
      if (!(error instanceof ConnectionError) || performance.now() > untilMs) throw error;
      memories.unshift(session);
    }
  }
}
