/**
 * Checks of grants: exclusion, limits of shared locks, the order of waiters, all names or none, and
 * increasing tokens; and that the reply agrees with the grant.
 */
import { STALE_MS } from "./tolerances.ts";
import type { Replay, ReplayContext } from "./replay.ts";
import { connectionOf, describeOp, type Op, tableOf, type WatchEvent } from "./types.ts";
import type { Hold } from "./history_model.ts";

/** A grant, as its events have reported it so far. */
interface Grant {
  readonly op: Op;
  readonly token: number;
  readonly counts: Map<string, number>;
  readonly previous: Map<string, { how: string; holder: string }>;
}

export class GrantChecks {
  readonly #context: ReplayContext;
  #lastToken = -1;
  /** A grant of several names, and the names whose events must follow at once. */
  #incomplete: { readonly grant: Grant; readonly left: Set<string> } | undefined;

  constructor(context: Replay) {
    this.#context = context;
  }

  /** Checks that the events of all names of a grant come one after the other. */
  checkNext(event: WatchEvent, op: Op | undefined): void {
    if (this.#incomplete === undefined) return;
    const { grant, left } = this.#incomplete;
    if (op === grant.op && event.event === "acquire" && left.has(event.name)) return;
    this.#context.report(
      `${[...left].join(" ")} not granted with the rest: ${describeOp(grant.op)}`,
    );
    this.#incomplete = undefined;
  }

  finish(): void {
    if (this.#incomplete === undefined) return;
    this.#context.report(`only part of it was granted: ${describeOp(this.#incomplete.grant.op)}`);
  }

  acquire(event: WatchEvent, op: Op): void {
    const { model } = this.#context;
    const lock = model.lock(event.name);
    this.#checkConnected(op);
    this.#checkFree(event, op);
    if (op.verb === "acquire") this.#checkOrder(event, op);
    const grant = this.#grantOf(event, op);
    const waiter = lock.dequeue(op);
    if (waiter !== undefined && model.waiting.get(op.connection) === waiter) {
      model.waiting.delete(op.connection);
    }
    const { lease, grace } = op.options;
    const older = lock.heldBy(op.connection, tableOf(event.mode!)); // a new grant replaces it
    const hold: Hold = {
      name: event.name,
      connection: op.connection,
      formerConnections: [],
      mode: event.mode!,
      token: event.token!,
      sinceMs: older?.sinceMs ?? event.at,
      lease: lease === undefined
        ? older?.lease
        : { firstMs: event.at + lease, lastMs: (op.received?.ms ?? Infinity) + lease },
      grace: grace ?? older?.grace ?? 0,
    };
    model.put(hold);
    const isShared = tableOf(hold.mode) === "shared";
    grant.counts.set(event.name, isShared ? lock.shared.length : 1);
    grant.previous.set(event.name, lock.previous);
    if (this.#incomplete === undefined || this.#incomplete.left.size === 0) {
      this.#incomplete = undefined;
      this.#checkReply(grant, event);
    }
  }

  /** Returns the grant that this event begins or continues. */
  #grantOf({ name, token }: WatchEvent, op: Op): Grant {
    if (this.#incomplete?.grant.op === op) {
      const { grant, left } = this.#incomplete;
      left.delete(name);
      if (token !== grant.token) this.#context.report(`its other names have token ${grant.token}`);
      return grant;
    }
    if (!Number.isSafeInteger(token)) this.#context.report("the token is not an integer");
    if (token! <= this.#lastToken) {
      this.#context.report(`the token does not increase: the last one was ${this.#lastToken}`);
    }
    this.#lastToken = Math.max(this.#lastToken, token!);
    const grant = { op, token: token!, counts: new Map(), previous: new Map() };
    const left = new Set(op.names);
    left.delete(name);
    if (left.size > 0) this.#incomplete = { grant, left };
    return grant;
  }

  #checkConnected({ connection }: Op): void {
    if (!this.#context.model.ended.has(connection)) return;
    this.#context.report(`granted to ${connection}, which has ended`);
  }

  #checkFree({ name, mode }: WatchEvent, op: Op): void {
    const { max } = op.options;
    const blockers = this.#context.model.lock(name).blockers(op.connection, mode!, max);
    if (blockers.length === 0) return;
    const held = blockers.map(({ connection, mode, token }) =>
      `${connection} (${mode}, token ${token})`
    );
    const limit = mode === "shared" && max !== undefined ? `, and at most ${max} may` : "";
    this.#context.report(`granted while it is held by ${held.join(", ")}${limit}`);
  }

  #checkOrder({ name }: WatchEvent, op: Op): void {
    const { model } = this.#context;
    const [overtaken] = model.waitersAhead(op, name);
    if (overtaken === undefined) return;
    this.#context.report(`granted before a waiter ahead of it: ${describeOp(overtaken.op)}`);
  }

  /** Compares the reply with the grant. */
  #checkReply({ op, token, counts, previous }: Grant, event: WatchEvent): void {
    const reply = this.#context.matching.replies.get(op)!;
    if (reply.word !== "acquired") return;
    const wrong = (field: string, expected: string): void =>
      this.#context.report(`${describeOp(op)}: ${field} should be ${expected}`);
    const inOrder = <T>(values: Map<string, T>): T[] => op.names.map((name) => values.get(name)!);
    const count = inOrder(counts).join();
    if (reply.counts.join() !== count) wrong("the count", count);
    if (op.verb !== "acquire") return;
    if (reply.token !== token) wrong("the token", `${token}`);
    const ends = inOrder(previous);
    const how = ends.map(({ how }) => how).join();
    if (reply.previous.join() !== how) wrong("previous", how);
    // A holder that has changed its name since is reported by the new one.
    const holders = joined(ends.map(({ holder }) => connectionOf(holder)));
    const reported = joined(reply.previousHolders.map(connectionOf));
    if (reported !== holders) wrong("previous-holder", holders || "none");
    if (reply.waited !== (event.waited ?? 0)) wrong("waited", `${event.waited} in the event`);
    const elapsed = op.received!.ms - op.sent.ms;
    if (reply.waited > elapsed + STALE_MS) wrong("waited", `at most ${elapsed}`);
    const hasWaitEvents = this.#context.matching.eventsOf.get(op)!.length > op.names.length;
    if (reply.waited > 0 && !hasWaitEvents) wrong("waited", "0, because no event reports a wait");
  }
}

/** Joins the members of a list; a list of empty members is the same as an empty list. */
function joined(members: readonly string[]): string {
  return members.every((member) => member === "") ? "" : members.join();
}
