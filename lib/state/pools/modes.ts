/** What happens when a new consumer asks a pool: sticky, queued, queued-DD. */
import { type Pool, refresh, type Resource, type Session } from "./model.ts";
import type { Tournament } from "../tournament.ts";
import { choose } from "./seeds.ts";
import { end, restore } from "./sessions.ts";

/**
 * The resource for a new session, after the sessions have ended that must make room for it; or
 * none, and then nothing has changed.
 */
export function admit(pool: Pool): Resource | undefined {
  refresh(pool);
  const ended: Session[] = [];
  const isFull = () => typeof pool.mode === "number" && pool.sessions.size >= pool.mode;
  if (typeof pool.mode === "number" && pool.pinned >= pool.mode) return undefined; // not enough can end
  while (isFull() && endOldest(pool, pool.endable, ended));
  let found = isFull() ? undefined : choose(pool);
  if (found === undefined && !isFull() && pool.mode !== "sticky") {
    if (endOldest(pool, pool.openable, ended)) found = choose(pool);
  }
  // Whether enough could end shows only at the end: back to where we were, in reverse.
  if (found === undefined) { for (const session of ended.reverse()) restore(session); }
  return found;
}

/** Ends the oldest session of those whose resources stand in `ranking`; false when there is none. */
function endOldest(pool: Pool, ranking: Tournament, ended: Session[]): boolean {
  const session = pool.resources[ranking.winner]?.oldest;
  if (session === undefined) return false;
  end(session);
  ended.push(session);
  return true;
}
