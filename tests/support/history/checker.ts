/**
 * The checker: whether a recorded history can have happened with a server that keeps the contract.
 * Pure. It moves the reference model along the watcher's events, which are in the server's order,
 * and holds every reply against it. What it reports is impossible in every order that the clients'
 * observations allow; where they allow several, it keeps silent.
 *
 * A server's step (a request, an end, a timer) tells all its events before the next step begins.
 * So whatever a step owes must have been told when the first event of a request comes: a lock that
 * is free goes to who waits for it, and what a connection held goes with it.
 */
import type { Claim } from "./claim.ts";
import { claimsOf } from "./claims.ts";
import { pair, type Pairing } from "./pairing.ts";
import { Replay } from "./replay.ts";
import { describeOp, type History, lifeOf } from "./types.ts";

/** Enough to understand what is wrong; what follows from it is noise. */
const MOST_PROBLEMS = 10;

/** What is wrong with the history, the first things first; empty when nothing is. */
export function check(history: History, problemsMax = MOST_PROBLEMS): string[] {
  const pairing = pair(history);
  const problems: string[] = [];
  const complain = (problem: string): void => void problems.push(problem);
  const replay = new Replay(history, pairing, complain);
  const claims = new Claims(history, pairing, replay, complain);
  for (let index = 0; index < history.events.length; index++) {
    claims.before(index);
    replay.step();
    claims.after(history.events[index]!.name);
    if (problems.length >= problemsMax) break;
  }
  if (problems.length < problemsMax) {
    claims.finish();
    replay.finish();
  }
  return [...problems, ...pairing.problems, ...history.found].slice(0, problemsMax);
}

interface Open {
  readonly claim: Claim;
  denied: string;
}

/** The claims that may still become true, each from when it was asked until it must have been so. */
class Claims {
  readonly #history: History;
  readonly #pairing: Pairing;
  readonly #replay: Replay;
  readonly #complain: (problem: string) => void;
  /** By the event before which they can begin, the earliest last. */
  readonly #coming: { readonly claim: Claim; readonly from: number }[];
  readonly #open = new Set<Open>();

  constructor(
    history: History,
    pairing: Pairing,
    replay: Replay,
    complain: (problem: string) => void,
  ) {
    this.#history = history;
    this.#pairing = pairing;
    this.#replay = replay;
    this.#complain = complain;
    this.#coming = this.#collect().sort((a, b) => b.from - a.from || b.claim.op.id - a.claim.op.id);
  }

  #collect(): { claim: Claim; from: number }[] {
    const { eventsOf, replies } = this.#pairing;
    const claims: { claim: Claim; from: number }[] = [];
    /** After the last event of an earlier request of the same life. */
    const lastOf = new Map<string, number>();
    for (const op of this.#history.ops) {
      const indices = eventsOf.get(op);
      if (indices !== undefined) {
        lastOf.set(op.life, indices.at(-1)! + 1);
        continue;
      }
      try {
        const from = Math.max(op.sent.seen, lastOf.get(op.life) ?? 0);
        for (const claim of claimsOf(op, replies.get(op)!)) claims.push({ claim, from });
      } catch (error) {
        const message = error instanceof Error ? error.message : error;
        this.#complain(`${describeOp(op)}: ${message}`);
      }
    }
    return claims;
  }

  /** Before that event happens: what can begin begins, what must have been so is judged. */
  before(index: number): void {
    this.#begin(index);
    const { cause, holder } = this.#history.events[index]!;
    if (cause === "closed" || cause === "lost") { // all that it had asked was answered
      const ended = lifeOf(holder ?? "");
      this.#end(({ op: { life } }) => life === ended);
    }
    const next = this.#pairing.opOf[index];
    if (next === undefined) return;
    this.#end(({ op: { life, id, got } }) =>
      got!.tick < next.sent.tick || life === next.life && id < next.id
    );
  }

  after(name: string): void {
    for (const open of this.#open) {
      const { names } = open.claim;
      if (names === "all" || names.includes(name)) this.#look(open);
    }
  }

  finish(): void {
    this.#begin(Infinity);
    this.#end(() => true);
  }

  #begin(index: number): void {
    while (this.#coming.length > 0 && this.#coming.at(-1)!.from <= index) {
      const open = { claim: this.#coming.pop()!.claim, denied: "" };
      this.#open.add(open);
      this.#look(open);
    }
  }

  #look(open: Open): void {
    const denied = open.claim.denial(this.#replay.world);
    if (denied !== undefined) {
      open.denied = denied;
      return;
    }
    this.#open.delete(open);
    if (open.claim.follow === undefined) return;
    open.claim.follow(this.#replay.world);
    for (const other of this.#open) this.#look(other); // it may be so only now
  }

  #end(isOver: (claim: Claim) => boolean): void {
    for (const open of this.#open) {
      if (!isOver(open.claim)) continue;
      this.#open.delete(open);
      this.#complain(`${describeOp(open.claim.op)}: never true meanwhile; ${open.denied}`);
    }
  }
}
