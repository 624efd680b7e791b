/** The lock names of a history; few, so that clients compete for them. */

/** Requested by all clients, and sometimes forced. Some need escapes. */
export const HOT = ["h1", "h2", "h 3", "h=4", "h,5", "h\\6"] as const;
/** Requested by all clients. */
export const WARM = ["w1", "w2", "w3", "w4", "w:5", "w6", "w\xd0\xba7", "w8"] as const;
/** Requested by few clients, and held for a long time. */
export const COLD: readonly string[] = Array.from({ length: 60 }, (_, i) => `cold/${i}`);
/** All names that more than one client requests. */
export const ALL: readonly string[] = [...HOT, ...WARM, ...COLD];
