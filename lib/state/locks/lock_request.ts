/** What a client asks for when it acquires locks: the values that go into the rules. Pure. */

/**
 * `g` takes exclusive locks and `sg` shared ones; these two modes ignore each other. Write is
 * exclusive and also conflicts with shared holders; read is shared and also conflicts with the
 * exclusive holder.
 */
export type HoldMode = "exclusive" | "shared" | "read" | "write";

/** The terms that a client asks for. Undefined keeps the present value, or else means none. */
export interface HoldOptions {
  readonly mode: HoldMode;
  readonly leaseMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly why: string | undefined;
}

/** A request for one or several locks, which are granted all at once or not at all. */
export interface AcquireRequest extends HoldOptions {
  /** All different. */
  readonly names: readonly string[];
  /** How many may hold a shared lock, this client included; Infinity: any number. */
  readonly max: number;
  /** Higher priorities are granted first. */
  readonly priority: number;
}

/** Returns whether a hold of that mode is a hold of the exclusive lock of its name. */
export function takesExclusive(mode: HoldMode): boolean {
  return mode === "exclusive" || mode === "write";
}
