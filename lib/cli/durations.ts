/** Durations and times of day as the subcommands print them: "45s", "3m ago", "14:02:11". Pure. */

/** Returns a rough duration: "45s", "3m", "2h", "5d"; less than a second is "0s". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 60 * 60) return `${Math.floor(seconds / 60 / 60)}h`;
  return `${Math.floor(seconds / 60 / 60 / 24)}d`;
}

/** Returns a rough age, such as "3m ago". */
export function formatAgo(atMs: number, nowMs: number): string {
  return `${formatDuration(nowMs - atMs)} ago`;
}

/** Returns the local time of day: "14:02:11". */
export function formatTimeOfDay(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}
