/**
 * One event after the other: what it changes in the model, and whether it may happen there. What
 * it says about grants is in `grants.ts`, about ends in `ends.ts`.
 */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import { Ends } from "./ends.ts";
import { Grants } from "./grants.ts";
import { STALE_MS } from "./margins.ts";
import { isPhrase, type Pairing } from "./pairing.ts";
import { busy, deadlock } from "./refusals.ts";
import {
  describeEvent,
  describeOp,
  type History,
  type Life,
  type Op,
  type Options,
  type WatchEvent,
} from "./types.ts";
import { findCycle, type Holding, type Waiter, World } from "./world.ts";

/** A lease or a grace that was asked for; undefined: was not. */
export type Unheard = Pick<Options, "lease" | "grace">;

/** What all parts of a replay work with. */
export interface Stage {
  readonly world: World;
  readonly lives: ReadonlyMap<string, Life>;
  readonly pairing: Pairing;
  /** What may have been agreed on for a holding with a reply that nobody has read. */
  unheard(holding: Holding): Unheard;
  /** Says what is wrong with the event that is happening. */
  complain(problem: string): void;
}

export class Replay implements Stage {
  readonly world: World;
  readonly lives: ReadonlyMap<string, Life>;
  readonly pairing: Pairing;
  readonly #history: History;
  readonly #report: (problem: string) => void;
  readonly #unheard = new Map<string, Unheard>();
  readonly #grants: Grants;
  readonly #ends: Ends;
  /** Waiters that can have all they want, and since which event. */
  readonly #owed = new Map<Waiter, number>();

  constructor(history: History, pairing: Pairing, report: (problem: string) => void) {
    this.lives = new Map(history.lives.map((life) => [life.name, life]));
    this.pairing = pairing;
    this.#history = history;
    this.world = new World(history.ops);
    for (const { got, life, names, options: { lease, grace } } of history.ops) {
      if (got !== undefined || lease === undefined && grace === undefined) continue;
      for (const name of names) {
        const { lease: before, grace: kept } = this.#unheard.get(`${life} ${name}`) ?? {};
        this.#unheard.set(`${life} ${name}`, { lease: lease ?? before, grace: grace ?? kept });
      }
    }
    this.#report = report;
    this.#grants = new Grants(this);
    this.#ends = new Ends(this);
  }

  unheard({ name, life, formerLives }: Holding): Unheard {
    const those = [...formerLives, life].map((each) => this.#unheard.get(`${each} ${name}`));
    return those.findLast((each) => each !== undefined) ?? {};
  }

  complain(problem: string): void {
    const { index } = this.world;
    const event = this.#history.events[index];
    this.#report(event === undefined ? problem : `${describeEvent(event, index)}: ${problem}`);
  }

  /** Lets the next event happen. */
  step(): void {
    const { world } = this;
    const event = this.#history.events[world.index]!;
    const op = this.pairing.opOf[world.index];
    const isFirst = op !== undefined && this.pairing.eventsOf.get(op)?.[0] === world.index;
    if (isFirst) this.#settle();
    this.#grants.expectNext(event, op);
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
        if (op !== undefined) this.#goWithout(event, op);
        break;
      case "release":
        this.#ends.release(event, op);
        break;
      case "force":
        this.#ends.force(event);
        break;
    }
    world.index++;
    this.#look(event.name);
  }

  /** After the last event nothing may be owed, held or waited for. */
  finish(): void {
    this.#settle();
    this.#grants.finish();
    this.#ends.finish();
    for (const { op } of this.world.waiting.values()) {
      this.complain(`at the end still waits ${describeOp(op)}`);
    }
  }

  /** A new step begins: the steps before it owe nothing more. */
  #settle(): void {
    for (const [waiter, since] of this.#owed) {
      this.complain(
        `since event ${since - 1} all was free for a waiter that did not get it: ` +
          describeOp(waiter.op),
      );
      this.#owed.delete(waiter);
    }
    this.#ends.settle();
  }

  #wait({ name, queue }: WatchEvent, op: Op): void {
    const { world } = this;
    let waiter = world.waiting.get(op.life);
    if (waiter?.op !== op) {
      if (waiter !== undefined) this.complain(`it waits already: ${describeOp(waiter.op)}`);
      if (op.options.wait === undefined || op.options.wait === 0) {
        this.complain("it would not wait");
      }
      waiter = {
        op,
        order: world.index,
        places: new Map(),
      };
      world.waiting.set(op.life, waiter);
    }
    const lock = world.lock(name);
    waiter.places.set(name, world.priorityOf(op, name));
    lock.stand(waiter);
    if (queue !== lock.queue.length) this.complain(`the queue is ${lock.queue.length} long`);
    if (waiter.places.size < op.names.length) return;
    if (world.canHave(op)) this.complain(`made to wait for nothing: ${describeOp(op)}`);
    const cycle = findCycle(world, op);
    if (cycle !== undefined) this.complain(`a deadlock that nobody saw: ${cycle.join(" -> ")}`);
  }

  /** It waits no longer, for its time is over or its connection. */
  #leave({ name }: WatchEvent, op: Op): void {
    const { world } = this;
    if (world.lock(name).leave(op) === undefined) this.complain("it did not wait");
    if (world.waiting.get(op.life)?.op === op) world.waiting.delete(op.life);
    for (const other of op.names) if (other !== name) this.#look(other);
  }

  /** Its connection has ended; or it is told of a circle, which must be there now. */
  #goWithout(event: WatchEvent, op: Op): void {
    const isFirst = this.world.waiting.get(op.life)?.op === op;
    if (!isPhrase(this.pairing.replies.get(op)!, "deadlock")) this.#ends.leave(op.life);
    else if (isFirst) {
      const denied = deadlock(op)(this.world);
      if (denied !== undefined) this.complain(`${describeOp(op)}: ${denied}`);
    }
    this.#leave(event, op);
  }

  #timeout(event: WatchEvent, op: Op): void {
    const { world } = this;
    this.#leave(event, op);
    const isLast = op.names.every((name) => !world.lock(name).queue.some((it) => it.op === op));
    if (isLast && op.got !== undefined) this.#checkTimeout(op, event);
    const { waited } = event;
    const { wait } = op.options;
    if (typeof wait !== "number") this.complain("it would wait forever");
    else if (waited! < wait) this.complain(`too early: it would wait ${wait} ms`);
    const elapsed = (op.got?.ms ?? Infinity) - op.sent.ms;
    if (elapsed < Number(wait) - STALE_MS) {
      this.complain(`told after ${elapsed} ms: ${describeOp(op)}`);
    }
  }

  /** What the client was told, beside what is so. */
  #checkTimeout(op: Op, { waited }: WatchEvent): void {
    const told = Number(valueOf(readLine(op.got!.text)!, "waited"));
    if (!(Math.abs(told - waited!) <= STALE_MS)) {
      this.complain(`${describeOp(op)}: it waited ${waited} ms`);
    }
    const denied = busy(op)(this.world);
    if (denied !== undefined) this.complain(`${describeOp(op)}: ${denied}`);
  }

  /** Something has changed with that name: whether the first in its queue can have all it wants. */
  #look(name: string): void {
    const { world } = this;
    for (const waiter of this.#owed.keys()) {
      const isStill = world.waiting.get(waiter.op.life) === waiter && world.canHave(waiter.op);
      if (!isStill) this.#owed.delete(waiter);
    }
    const head = world.lock(name).queue[0];
    if (head === undefined || this.#owed.has(head)) return;
    const isWhole = head.places.size === head.op.names.length;
    if (isWhole && world.canHave(head.op)) this.#owed.set(head, world.index);
  }
}
