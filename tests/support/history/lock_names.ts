/** The locks that a history is about; few, so that many want the same. */

/** Wanted by all, and forced now and then. Some need to be escaped. */
export const HOT = ["h1", "h2", "h 3", "h=4", "h,5", "h\\6"] as const;
/** Wanted by all. */
export const WARM = ["w1", "w2", "w3", "w4", "w:5", "w6", "w\xd0\xba7", "w8"] as const;
/** Wanted by few, and held for long. */
export const COLD: readonly string[] = Array.from({ length: 60 }, (_, i) => `cold/${i}`);
/** All that are asked for by more than one. */
export const ALL: readonly string[] = [...HOT, ...WARM, ...COLD];
