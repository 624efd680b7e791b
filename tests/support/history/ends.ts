/**
 * Checks of releases: a hold ends only for a reason, and no hold or waiter stays when there is a
 * reason to end it. Includes disconnects, and grace, which keeps locks after them.
 */
import { BLUR_MS, LATE_MS } from "./tolerances.ts";
import type { ReplayContext } from "./replay.ts";
import {
  CAUSES,
  type Connection,
  connectionOf,
  describeOp,
  type Op,
  ownLockOf,
  tableOf,
  type WatchEvent,
} from "./types.ts";
import { findCycle, type Hold } from "./history_model.ts";

export class EndChecks {
  readonly #context: ReplayContext;
  /** The name that a force request is releasing, and how many release events must still come. */
  #forced: { readonly name: string; left: number } | undefined;
  /** Connections that lost locks in this step because they ended. */
  readonly #endedInStep = new Set<string>();
  /** Waiting requests that lost the priority of a holder in this step. */
  readonly #movedBack = new Set<Op>();

  constructor(context: ReplayContext) {
    this.#context = context;
  }

  release(event: WatchEvent, op: Op | undefined): void {
    const { model } = this.#context;
    const lock = model.lock(event.name);
    const hold = lock.find(event.token!, tableOf(event.mode!));
    if (hold === undefined) {
      this.#context.report("not held with that token");
      return;
    }
    this.#checkCause(event, op, hold);
    lock.remove(hold);
    const movedBack = model.demoteWaiter(hold.connection, event.name);
    if (movedBack !== undefined) this.#movedBack.add(movedBack);
    if (tableOf(hold.mode) === "exclusive") {
      lock.previous = { how: event.cause!, holder: event.holder! };
    }
    const { connection } = hold;
    if (event.name !== ownLockOf(connection)) return;
    model.locks.delete(event.name); // no other connection uses it
    this.#endConnection(connection, event);
  }

  /** Checks that the connection of a waiter that left has ended, or has begun to. */
  checkLeave(connection: string): void {
    this.#checkEndBegun(connection);
  }

  force({ name, count }: WatchEvent): void {
    const { length } = this.#context.model.lock(name).holds;
    if (count !== length) this.#context.report(`the lock had ${length} holders`);
    this.#forced = { name, left: length };
  }

  /** Checks that a step that is over has reported all its events. */
  finishStep(): void {
    this.#checkForce();
    this.#checkCycles();
    for (const connection of this.#endedInStep) this.#checkNothingLeft(connection);
    this.#endedInStep.clear();
  }

  #checkForce(): void {
    const { name = "", left = 0 } = this.#forced ?? {};
    if (left > 0) this.#context.report(`${left} holders of ${name} are left after the force`);
    this.#forced = undefined;
  }

  /** A waiter that moved back must be refused if it now closes a cycle. */
  #checkCycles(): void {
    const { model } = this.#context;
    for (const op of this.#movedBack) {
      const cycle = model.waiting.get(op.connection)?.op === op && findCycle(model, op);
      if (cycle) this.#context.report(`undetected deadlock: ${cycle.join(" -> ")}`);
    }
    this.#movedBack.clear();
  }

  /** A connection that has ended must not wait, and holds only what grace keeps. */
  #checkNothingLeft(connection: string): void {
    const { model } = this.#context;
    const report = (problem: string): void => this.#context.report(problem);
    if (!model.ended.has(connection)) {
      report(`a lock of ${connection} was released by its end, but it has not ended`);
    }
    const waiter = model.waiting.get(connection);
    if (waiter !== undefined) {
      report(`${connection} has ended but still waits: ${describeOp(waiter.op)}`);
    }
    for (const { name, graceSinceMs } of model.holdsOf(connection)) {
      if (graceSinceMs === undefined) {
        report(`${name} is still held after the end of ${connection}, without grace`);
      }
    }
  }

  finish(): void {
    this.finishStep();
    for (const { holds } of this.#context.model.locks.values()) {
      for (const { name, mode, connection, token } of holds) {
        this.#context.report(
          `${name} is still held at the end by ${connection} (${mode}, token ${token})`,
        );
      }
    }
    for (const connection of this.#context.connections.keys()) {
      if (!this.#context.model.ended.has(connection)) {
        this.#context.report(`no event reports the end of ${connection}`);
      }
    }
  }

  #checkCause(event: WatchEvent, op: Op | undefined, hold: Hold): void {
    const { connection, formerConnections } = hold;
    const report = (problem: string): void => this.#context.report(problem);
    const holder = connectionOf(event.holder ?? "");
    if (holder !== connection && !formerConnections.includes(holder)) {
      report(`${connection} held it`);
    }
    if (hold.mode !== event.mode) report(`it was held as ${hold.mode}`);
    switch (event.cause) {
      case "released":
        if (op === undefined || op.connection !== connection) {
          report(`${connection} has not requested it`);
        }
        break;
      case "expired":
        if (this.#context.unreadTerms(hold).lease !== undefined) break;
        if (hold.lease === undefined) report("it had no lease");
        else if (event.at < hold.lease.firstMs - BLUR_MS) {
          report(`too early: its lease ends ${hold.lease.firstMs - event.at} ms later`);
        }
        break;
      case "forced":
        if (this.#forced?.name !== event.name) report("no client has forced it");
        else this.#forced.left--;
        break;
      default:
        this.#checkEnd(event, hold);
    }
    const lastMs = hold.lease?.lastMs ?? Infinity;
    const isKnown = this.#context.unreadTerms(hold).lease === undefined;
    if (event.at > lastMs + LATE_MS && isKnown) {
      report(`its lease had ended ${event.at - lastMs} ms before`);
    }
  }

  /** Checks a release because the connection ended: at once, or when the grace is over. */
  #checkEnd(event: WatchEvent, hold: Hold): void {
    const { connection, graceSinceMs, grace } = hold;
    const isKnown = this.#context.unreadTerms(hold).grace === undefined;
    const end = this.#checkEndBegun(connection);
    if (end === undefined) return;
    if (!CAUSES[end.how].includes(event.cause!)) {
      this.#context.report(`the connection ended by a ${end.how}`);
    }
    if (graceSinceMs !== undefined) {
      const early = graceSinceMs + grace - event.at;
      if (early > BLUR_MS && isKnown) {
        this.#context.report(`too early: its grace of ${grace} ms had ${early} ms left`);
      }
      if (-early > LATE_MS) {
        this.#context.report(`too late: its grace was over ${-early} ms before`);
      }
      return;
    }
    this.#endedInStep.add(connection);
    if (grace > 0 && end.how !== "bye" && isKnown) {
      this.#context.report(`its grace of ${grace} ms was dropped`);
    }
  }

  /** Returns how the connection ended; reports a problem if nothing has ended it yet. */
  #checkEndBegun(connection: string): Connection["end"] {
    const { model, connections } = this.#context;
    const end = connections.get(connection)?.end;
    if (end !== undefined && model.index >= end.eventsSeen) return end;
    this.#context.report(`${connection} has not ended its connection`);
    return undefined;
  }

  /** Notes the end of a connection, and starts the grace of what it holds. */
  #endConnection(connection: string, { at }: WatchEvent): void {
    const { model, connections } = this.#context;
    model.ended.add(connection);
    this.#endedInStep.add(connection);
    if (connections.get(connection)?.end?.how === "bye") return;
    for (const hold of model.holdsOf(connection)) {
      hold.grace = this.#context.unreadTerms(hold).grace ?? hold.grace;
      if (hold.grace > 0) hold.graceSinceMs = at;
    }
  }
}
