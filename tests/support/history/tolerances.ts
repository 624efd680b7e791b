/** How exactly moments can be compared that two programs on one machine have noted. */

/** Past its time something must have happened; only a failing server or a stopped machine is so late. */
export const LATE_MS = 3_000;
/** Moments are cut to milliseconds. */
export const BLUR_MS = 2;
/** The server reads its clock now and then only, and may think that it is earlier by so much. */
export const STALE_MS = 100;
