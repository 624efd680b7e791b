/** The seed methods, which choose an open resource for a new session. */
import type { Pool, Resource } from "./model.ts";

/** Chooses an open resource, if there is one, by the pool's seed method, and makes it current. */
export function chooseResource(pool: Pool): Resource | undefined {
  const index = pickIndex(pool);
  if (index < 0) return undefined;
  pool.current = index;
  pool.hasCurrent = true;
  return pool.resources[index];
}

function pickIndex({ seed, open, current, hasCurrent }: Pool): number {
  if (seed === "weighted" || seed === "minimal") return open.winner;
  const start = seed === "serial" && hasCurrent ? current : current + 1;
  const found = open.next(start);
  return found >= 0 ? found : open.next(0);
}

/** Adjusts `current` when the resource at `index` is dropped. */
export function adjustCurrent(pool: Pool, index: number): void {
  if (index > pool.current) return;
  if (index === pool.current) pool.hasCurrent = false;
  pool.current--;
}
