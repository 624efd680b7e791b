/**
 * Applies one event after the other to the model, and checks that each may happen in that state.
 * The checks of grants are in `grants.ts`, those of releases and disconnects in `ends.ts`.
 */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import { EndChecks } from "./ends.ts";
import { GrantChecks } from "./grants.ts";
import { STALE_MS } from "./tolerances.ts";
import { type EventMatching, hasPhrase } from "./event_matching.ts";
import { busyMismatch, deadlockMismatch } from "./refusals.ts";
import {
  type Connection,
  describeEvent,
  describeOp,
  type History,
  type Op,
  type Options,
  type WatchEvent,
} from "./types.ts";
import { findCycle, HistoryModel, type Hold, type Waiter } from "./history_model.ts";

/** The lease and the grace of requests whose reply was not read; undefined: none requested. */
export type UnreadTerms = Pick<Options, "lease" | "grace">;

/** The state that all parts of a replay share. */
export interface ReplayContext {
  readonly model: HistoryModel;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly matching: EventMatching;
  /** Returns the terms that a request without a received reply may have set for a hold. */
  unreadTerms(hold: Hold): UnreadTerms;
  /** Reports a problem with the current event. */
  report(problem: string): void;
}

export class Replay implements ReplayContext {
  readonly model: HistoryModel;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly matching: EventMatching;
  readonly #history: History;
  readonly #onProblem: (problem: string) => void;
  readonly #unreadTerms = new Map<string, UnreadTerms>();
  readonly #grants: GrantChecks;
  readonly #ends: EndChecks;
  /** The waiters that can be granted, and since which event. */
  readonly #grantable = new Map<Waiter, number>();

  constructor(history: History, matching: EventMatching, report: (problem: string) => void) {
    this.connections = new Map(
      history.connections.map((connection) => [connection.name, connection]),
    );
    this.matching = matching;
    this.#history = history;
    this.model = new HistoryModel(history.ops);
    for (const { received, connection, names, options: { lease, grace } } of history.ops) {
      if (received !== undefined || lease === undefined && grace === undefined) continue;
      for (const name of names) {
        const { lease: earlierLease, grace: earlierGrace } =
          this.#unreadTerms.get(`${connection} ${name}`) ?? {};
        this.#unreadTerms.set(`${connection} ${name}`, {
          lease: lease ?? earlierLease,
          grace: grace ?? earlierGrace,
        });
      }
    }
    this.#onProblem = report;
    this.#grants = new GrantChecks(this);
    this.#ends = new EndChecks(this);
  }

  unreadTerms({ name, connection, formerConnections }: Hold): UnreadTerms {
    const names = [...formerConnections, connection];
    const terms = names.map((each) => this.#unreadTerms.get(`${each} ${name}`));
    return terms.findLast((each) => each !== undefined) ?? {};
  }

  report(problem: string): void {
    const { index } = this.model;
    const event = this.#history.events[index];
    this.#onProblem(event === undefined ? problem : `${describeEvent(event, index)}: ${problem}`);
  }

  /** Applies the next event. */
  step(): void {
    const { model } = this;
    const event = this.#history.events[model.index]!;
    const op = this.matching.opOf[model.index];
    const isFirst = op !== undefined && this.matching.eventsOf.get(op)?.[0] === model.index;
    if (isFirst) this.#finishStep();
    this.#grants.checkNext(event, op);
    switch (event.event) {
      case "acquire":
        if (op !== undefined) this.#grants.acquire(event, op);
        break;
      case "wait":
        if (op !== undefined) this.#wait(event, op);
        break;
      case "timeout":
        if (op !== undefined) this.#timeout(event, op);
        break;
      case "leave":
        if (op !== undefined) this.#leave(event, op);
        break;
      case "release":
        this.#ends.release(event, op);
        break;
      case "force":
        this.#ends.force(event);
        break;
    }
    model.index++;
    this.#updateGrantable(event.name);
  }

  /** Checks that nothing is held and no request waits after the last event. */
  finish(): void {
    this.#finishStep();
    this.#grants.finish();
    this.#ends.finish();
    for (const { op } of this.model.waiting.values()) {
      this.report(`still waits at the end: ${describeOp(op)}`);
    }
  }

  /** Checks that the server's last step, which is over, has granted and released what it must. */
  #finishStep(): void {
    for (const [waiter, since] of this.#grantable) {
      this.report(
        `since event ${since - 1} a waiter could be granted, but was not: ` +
          describeOp(waiter.op),
      );
      this.#grantable.delete(waiter);
    }
    this.#ends.finishStep();
  }

  #wait({ name, queue }: WatchEvent, op: Op): void {
    const { model } = this;
    let waiter = model.waiting.get(op.connection);
    if (waiter?.op !== op) {
      if (waiter !== undefined) this.report(`it already waits: ${describeOp(waiter.op)}`);
      if (op.options.wait === undefined || op.options.wait === 0) {
        this.report("it did not ask to wait");
      }
      waiter = {
        op,
        order: model.index,
        priorities: new Map(),
      };
      model.waiting.set(op.connection, waiter);
    }
    const lock = model.lock(name);
    waiter.priorities.set(name, model.priorityOf(op, name));
    lock.enqueue(waiter);
    if (queue !== lock.queue.length) this.report(`the queue has ${lock.queue.length} waiters`);
    if (waiter.priorities.size < op.names.length) return;
    if (model.isGrantable(op)) {
      this.report(`had to wait although it could be granted: ${describeOp(op)}`);
    }
    const cycle = findCycle(model, op);
    if (cycle !== undefined) this.report(`undetected deadlock: ${cycle.join(" -> ")}`);
  }

  /** Removes a waiter whose wait timed out, or whose connection ended. */
  #dequeue({ name }: WatchEvent, op: Op): void {
    const { model } = this;
    if (model.lock(name).dequeue(op) === undefined) this.report("it did not wait");
    if (model.waiting.get(op.connection)?.op === op) model.waiting.delete(op.connection);
    for (const other of op.names) if (other !== name) this.#updateGrantable(other);
  }

  /** A waiter left: its connection ended, or the server refused it because of a deadlock. */
  #leave(event: WatchEvent, op: Op): void {
    const isFirst = this.model.waiting.get(op.connection)?.op === op;
    if (!hasPhrase(this.matching.replies.get(op)!, "deadlock")) {
      this.#ends.checkLeave(op.connection);
    } else if (isFirst) {
      const mismatch = deadlockMismatch(op)(this.model);
      if (mismatch !== undefined) this.report(`${describeOp(op)}: ${mismatch}`);
    }
    this.#dequeue(event, op);
  }

  #timeout(event: WatchEvent, op: Op): void {
    const { model } = this;
    this.#dequeue(event, op);
    const isLast = op.names.every((name) =>
      !model.lock(name).queue.some((waiter) => waiter.op === op)
    );
    if (isLast && op.received !== undefined) this.#checkTimeout(op, event);
    const { waited } = event;
    const { wait } = op.options;
    if (typeof wait !== "number") this.report("it has no wait limit");
    else if (waited! < wait) this.report(`too early: its wait limit is ${wait} ms`);
    const elapsed = (op.received?.ms ?? Infinity) - op.sent.ms;
    if (elapsed < Number(wait) - STALE_MS) {
      this.report(`reported after ${elapsed} ms: ${describeOp(op)}`);
    }
  }

  /** Checks the reply to a request that timed out. */
  #checkTimeout(op: Op, { waited }: WatchEvent): void {
    const waitedMs = Number(valueOf(readLine(op.received!.text)!, "waited"));
    if (!(Math.abs(waitedMs - waited!) <= STALE_MS)) {
      this.report(`${describeOp(op)}: it waited ${waited} ms`);
    }
    const mismatch = busyMismatch(op)(this.model);
    if (mismatch !== undefined) this.report(`${describeOp(op)}: ${mismatch}`);
  }

  /** After a change to a name: notes whether the first waiter in its queue can be granted. */
  #updateGrantable(name: string): void {
    const { model } = this;
    for (const waiter of this.#grantable.keys()) {
      const isStill = model.waiting.get(waiter.op.connection) === waiter &&
        model.isGrantable(waiter.op);
      if (!isStill) this.#grantable.delete(waiter);
    }
    const head = model.lock(name).queue[0];
    if (head === undefined || this.#grantable.has(head)) return;
    const isWhole = head.priorities.size === head.op.names.length;
    if (isWhole && model.isGrantable(head.op)) this.#grantable.set(head, model.index);
  }
}
