/** Choosing an open resource for a new session: weighted, minimal, serial, parallel. */
import type { Pool, Resource } from "./model.ts";

/** The resource that the pool's seed method picks, which becomes its current one; or none. */
export function choose(pool: Pool): Resource | undefined {
  const index = pick(pool);
  if (index < 0) return undefined;
  pool.current = index;
  pool.currentStands = true;
  return pool.resources[index];
}

function pick({ seed, open, current, currentStands }: Pool): number {
  if (seed === "weighted" || seed === "minimal") return open.winner;
  const start = seed === "serial" && currentStands ? current : current + 1;
  const found = open.next(start);
  return found >= 0 ? found : open.next(0);
}

/** Keeps `current` where it belongs when the resource at `index` is dropped. */
export function forgetChoice(pool: Pool, index: number): void {
  if (index > pool.current) return;
  if (index === pool.current) pool.currentStands = false;
  pool.current--;
}
