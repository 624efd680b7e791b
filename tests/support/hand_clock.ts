/** A clock that stands until a test turns it. */
import type { Clock } from "../../lib/dispatch/command.ts";

export class HandClock implements Clock {
  /** A local time, so that dates read the same in every time zone: the one of the documentation. */
  nowMs = new Date(2003, 3, 18, 11, 20, 26).getTime();

  seconds(ms: number): number {
    return Math.floor(ms / 1000);
  }

  lapse(): void {}
}
