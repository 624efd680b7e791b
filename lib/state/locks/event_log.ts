/**
 * A log of what happens to locks, in order, for clients that watch. Pure. The engine takes the
 * events out after each change.
 */
import type { HoldMode } from "./lock_request.ts";
import { type Hold, type LockWaiter, modeOf, tokenOf } from "./model.ts";
import type { Ending } from "./outcome.ts";
import type { Owner, Party } from "./party.ts";

interface EventFields {
  readonly name: string;
  readonly atMs: number;
}

interface HoldEventFields extends EventFields {
  readonly mode: HoldMode;
  readonly token: number;
  readonly holder: Party;
}

interface WaitEventFields extends EventFields {
  readonly mode: HoldMode;
  readonly holder: Party;
}

export type LockEvent =
  | HoldEventFields & { readonly kind: "acquire"; readonly why: string; readonly waitedMs: number }
  | HoldEventFields & { readonly kind: "release"; readonly ending: Ending }
  | WaitEventFields & { readonly kind: "wait"; readonly queue: number; readonly why: string }
  /** A waiter has left its queues without a grant. */
  | WaitEventFields & { readonly kind: "timeout" | "leave"; readonly waitedMs: number }
  | EventFields & {
    readonly kind: "force";
    readonly by: Owner;
    readonly why: string;
    readonly count: number;
  };

export class LockEventLog {
  #events: LockEvent[] = [];
  readonly #isWatched: (name: string) => boolean;

  /** @param isWatched whether any client watches that name; other names are not logged. */
  constructor(isWatched: (name: string) => boolean) {
    this.#isWatched = isWatched;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** Returns the events logged since the last call, and removes them. */
  takeAll(): LockEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  acquired(hold: Hold, waitedMs: number, atMs = hold.sinceMs): void {
    const { name, holder, terms } = hold;
    if (!this.#isWatched(name)) return;
    const mode = modeOf(hold);
    const why = terms?.why ?? "";
    this.#events.push({
      kind: "acquire",
      name,
      mode,
      token: tokenOf(hold),
      holder,
      why,
      waitedMs,
      atMs,
    });
  }

  released(hold: Hold, ending: Ending, atMs: number): void {
    const { name, holder } = hold;
    if (!this.#isWatched(name)) return;
    const mode = modeOf(hold);
    const token = tokenOf(hold);
    this.#events.push({ kind: "release", name, mode, token, holder, ending, atMs });
  }

  waitStarted({ request, holder, entries, sinceMs }: LockWaiter): void {
    const { mode, why = "" } = request;
    for (const { queue } of entries) {
      const { name, size } = queue;
      if (!this.#isWatched(name)) continue;
      this.#events.push({ kind: "wait", name, mode, holder, queue: size, why, atMs: sinceMs });
    }
  }

  waitEnded(kind: "timeout" | "leave", waiter: LockWaiter, nowMs: number): void {
    const { request, holder, sinceMs } = waiter;
    for (const name of request.names) {
      if (!this.#isWatched(name)) continue;
      const waitedMs = nowMs - sinceMs;
      this.#events.push({ kind, name, mode: request.mode, holder, waitedMs, atMs: nowMs });
    }
  }

  forced(name: string, by: Owner, why: string, count: number, atMs: number): void {
    if (this.#isWatched(name)) this.#events.push({ kind: "force", name, by, why, count, atMs });
  }
}
