/** The clock and its timers, as the rest of the program sees them. Types only. */

/** A source of the time. Read it only when the time is needed, because a reading is not free. */
export interface TimeSource {
  /** Milliseconds of a steady clock, unaffected by changes of the system's clock. */
  readonly nowMs: number;
}

export interface Clock extends TimeSource {
  /** Converts a reading of this clock to whole seconds since 1970, rounded down. */
  unixSeconds(ms: number): number;
  /** Converts a reading of this clock to milliseconds since 1970. */
  unixMs(ms: number): number;
  /** Returns an unarmed timer that calls `onExpire` each time it expires. */
  timer(onExpire: () => void): Timer;
  /** Drops the cached reading. Call this after work that may have taken a long time. */
  invalidate(): void;
}

/** A timer that can be set again; it never keeps the process alive. */
export interface Timer {
  /** Arms the timer for a time of its clock, replacing any earlier time; `Infinity` disarms it. */
  set(atMs: number): void;
}
