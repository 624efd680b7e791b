/**
 * The parties that replies and events name: live sessions, and sessions that have ended. Pure. This
 * file knows no lock records, so outcomes can name a party without them.
 */
import type { TimeSource } from "../../clock.ts";

/** The number of a session. It is never reused. */
export type Owner = number;

export interface Party {
  readonly owner: Owner;
  /** Undefined while the session is connected. */
  readonly departed: DepartureInfo | undefined;
}

/** How a session ended, and what is needed of it afterwards. */
export interface DepartureInfo {
  readonly ending: "closed" | "lost";
  readonly when: TimeSource;
  readonly name: string;
  readonly address: string;
  /** A client that knows it may resume the session; empty if no client may. */
  readonly secret: string;
}
