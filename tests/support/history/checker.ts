/**
 * The checker: decides whether a correct server can have produced a recorded history. Pure. It
 * moves the reference model along the watcher's events, which are in the server's order, and
 * compares every reply with it. A problem that it reports is impossible in every order that the
 * clients' observations allow. Where they allow several orders, it reports nothing.
 *
 * A step of the server (a request, a disconnect, a timer) sends all its events before the next step
 * begins. So when the first event of a request comes, all events of earlier steps must be there: a
 * free lock is granted to its next waiter, and the locks of a connection are released with it.
 */
import type { Claim } from "./claim.ts";
import { claimsOf } from "./claims.ts";
import { type EventMatching, matchEvents } from "./event_matching.ts";
import { Replay } from "./replay.ts";
import { connectionOf, describeOp, type History } from "./types.ts";

/** Enough to understand a failure; later problems are mostly consequences. */
const PROBLEMS_MAX = 10;

/** Returns the problems of a history in order; empty if there are none. */
export function check(history: History, problemsMax = PROBLEMS_MAX): string[] {
  const matching = matchEvents(history);
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const replay = new Replay(history, matching, report);
  const claims = new OpenClaims(history, matching, replay, report);
  for (let index = 0; index < history.events.length; index++) {
    claims.beforeEvent(index);
    replay.step();
    claims.afterEvent(history.events[index]!.name);
    if (problems.length >= problemsMax) break;
  }
  if (problems.length < problemsMax) {
    claims.finish();
    replay.finish();
  }
  return [...problems, ...matching.problems, ...history.problems].slice(0, problemsMax);
}

interface OpenClaim {
  readonly claim: Claim;
  /** Why it was not true at the last check. */
  mismatch: string;
}

/** The claims that may still become true: from the request until the reply was received. */
class OpenClaims {
  readonly #history: History;
  readonly #matching: EventMatching;
  readonly #replay: Replay;
  readonly #report: (problem: string) => void;
  /** Sorted by the event before which they open, the earliest last. */
  readonly #upcoming: { readonly claim: Claim; readonly from: number }[];
  readonly #open = new Set<OpenClaim>();

  constructor(
    history: History,
    matching: EventMatching,
    replay: Replay,
    report: (problem: string) => void,
  ) {
    this.#history = history;
    this.#matching = matching;
    this.#replay = replay;
    this.#report = report;
    this.#upcoming = this.#collect().sort((a, b) =>
      b.from - a.from || b.claim.op.id - a.claim.op.id
    );
  }

  #collect(): { claim: Claim; from: number }[] {
    const { eventsOf, replies } = this.#matching;
    const claims: { claim: Claim; from: number }[] = [];
    /** The index after the last event of an earlier request, by connection. */
    const lastOf = new Map<string, number>();
    for (const op of this.#history.ops) {
      const indices = eventsOf.get(op);
      if (indices !== undefined) {
        lastOf.set(op.connection, indices.at(-1)! + 1);
        continue;
      }
      try {
        const from = Math.max(op.sent.eventsSeen, lastOf.get(op.connection) ?? 0);
        for (const claim of claimsOf(op, replies.get(op)!)) claims.push({ claim, from });
      } catch (error) {
        const message = error instanceof Error ? error.message : error;
        this.#report(`${describeOp(op)}: ${message}`);
      }
    }
    return claims;
  }

  /** Before an event: opens the claims that can begin, and reports those that are over. */
  beforeEvent(index: number): void {
    this.#openUpTo(index);
    const { cause, holder } = this.#history.events[index]!;
    if (cause === "closed" || cause === "lost") { // the server has answered all its requests
      const ended = connectionOf(holder ?? "");
      this.#expire(({ op: { connection } }) => connection === ended);
    }
    const next = this.#matching.opOf[index];
    if (next === undefined) return;
    this.#expire(({ op: { connection, id, received } }) =>
      received!.tick < next.sent.tick || connection === next.connection && id < next.id
    );
  }

  afterEvent(name: string): void {
    for (const open of this.#open) {
      const { names } = open.claim;
      if (names === "all" || names.includes(name)) this.#recheck(open);
    }
  }

  finish(): void {
    this.#openUpTo(Infinity);
    this.#expire(() => true);
  }

  #openUpTo(index: number): void {
    while (this.#upcoming.length > 0 && this.#upcoming.at(-1)!.from <= index) {
      const open = { claim: this.#upcoming.pop()!.claim, mismatch: "" };
      this.#open.add(open);
      this.#recheck(open);
    }
  }

  #recheck(open: OpenClaim): void {
    const mismatch = open.claim.mismatch(this.#replay.model);
    if (mismatch !== undefined) {
      open.mismatch = mismatch;
      return;
    }
    this.#open.delete(open);
    if (open.claim.apply === undefined) return;
    open.claim.apply(this.#replay.model);
    for (const other of this.#open) this.#recheck(other); // the change may make them true
  }

  #expire(isOver: (claim: Claim) => boolean): void {
    for (const open of this.#open) {
      if (!isOver(open.claim)) continue;
      this.#open.delete(open);
      this.#report(
        `${
          describeOp(open.claim.op)
        }: not true at any time between request and reply; ${open.mismatch}`,
      );
    }
  }
}
