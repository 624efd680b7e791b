/** Tolerances for comparing times that two programs on one machine have recorded. */

/** How late a timer may be; only a failing server or a stopped machine is later. */
export const LATE_MS = 3_000;
/** The rounding error of times in whole milliseconds. */
export const BLUR_MS = 2;
/** How far the server's cached clock may be behind. */
export const STALE_MS = 100;
