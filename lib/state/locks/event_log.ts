/**
 * What has happened to locks, in the order it did, for those who watch. Pure. Whoever changes the
 * table empties it after each change.
 */
import { type Holding, type LockHolder, type Owner, tokenOf } from "./store.ts";
import { type HoldMode, modeOf } from "./lease.ts";
import type { LockWaiter } from "./lock_request.ts";

/**
 * How a holding ends: given back, with its connection (which was closed, or was lost), with its
 * lease, or by force.
 */
export type Ending = "released" | "closed" | "lost" | "expired" | "forced";

interface Happened {
  readonly name: string;
  readonly atMs: number;
}

interface OfHolding extends Happened {
  readonly mode: HoldMode;
  readonly token: number;
  readonly holder: LockHolder;
}

interface OfWaiter extends Happened {
  readonly mode: HoldMode;
  readonly holder: LockHolder;
}

export type LockEvent =
  | OfHolding & { readonly kind: "acquire"; readonly why: string; readonly waitedMs: number }
  | OfHolding & { readonly kind: "release"; readonly ending: Ending }
  | OfWaiter & { readonly kind: "wait"; readonly queue: number; readonly why: string }
  /** Who waited has gone, its patience at an end, or itself. */
  | OfWaiter & { readonly kind: "timeout" | "leave"; readonly waitedMs: number }
  | Happened & {
    readonly kind: "force";
    readonly by: Owner;
    readonly why: string;
    readonly count: number;
  };

export class LockEventLog {
  #events: LockEvent[] = [];
  readonly #wants: (name: string) => boolean;

  /** @param wants whether anybody wants to know of that name. */
  constructor(wants: (name: string) => boolean) {
    this.#wants = wants;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** What has happened since this was last asked. */
  empty(): LockEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  acquired(holding: Holding, waitedMs: number, atMs = holding.sinceMs): void {
    const { name, holder, terms } = holding;
    if (!this.#wants(name)) return;
    const mode = modeOf(holding);
    const why = terms?.why ?? "";
    this.#events.push({
      kind: "acquire",
      name,
      mode,
      token: tokenOf(holding),
      holder,
      why,
      waitedMs,
      atMs,
    });
  }

  released(holding: Holding, ending: Ending, atMs: number): void {
    const { name, holder } = holding;
    if (!this.#wants(name)) return;
    const mode = modeOf(holding);
    const token = tokenOf(holding);
    this.#events.push({ kind: "release", name, mode, token, holder, ending, atMs });
  }

  waits({ request, holder, entries, sinceMs }: LockWaiter): void {
    const { mode, why = "" } = request;
    for (const { queue } of entries) {
      const { name, size } = queue;
      if (!this.#wants(name)) continue;
      this.#events.push({ kind: "wait", name, mode, holder, queue: size, why, atMs: sinceMs });
    }
  }

  leaves(kind: "timeout" | "leave", waiter: LockWaiter, nowMs: number): void {
    const { request, holder, sinceMs } = waiter;
    for (const name of request.names) {
      if (!this.#wants(name)) continue;
      const waitedMs = nowMs - sinceMs;
      this.#events.push({ kind, name, mode: request.mode, holder, waitedMs, atMs: nowMs });
    }
  }

  forced(name: string, by: Owner, why: string, count: number, atMs: number): void {
    if (this.#wants(name)) this.#events.push({ kind: "force", name, by, why, count, atMs });
  }
}
