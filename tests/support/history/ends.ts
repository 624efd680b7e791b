/**
 * Ends: that nothing ends without a cause, nor outlives its cause; what ends with a connection, and
 * what grace keeps beyond it.
 */
import { BLUR_MS, LATE_MS } from "./margins.ts";
import type { Stage } from "./replay.ts";
import {
  CAUSES,
  describeOp,
  type Life,
  lifeOf,
  type Op,
  ownLockOf,
  tableOf,
  type WatchEvent,
} from "./types.ts";
import { findCycle, type Holding } from "./world.ts";

export class Ends {
  readonly #stage: Stage;
  /** Releases that an order of force still has to tell of: by name, and who gave it. */
  #forced: { readonly name: string; left: number } | undefined;
  /** Lives of which something was taken because they ended, in this step. */
  readonly #ending = new Set<string>();
  /** Requests that have lost their place before others, in this step. */
  readonly #movedBack = new Set<Op>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  release(event: WatchEvent, op: Op | undefined): void {
    const { world } = this.#stage;
    const lock = world.lock(event.name);
    const holding = lock.find(event.token!, tableOf(event.mode!));
    if (holding === undefined) {
      this.#stage.complain("nobody held it with that token");
      return;
    }
    this.#checkCause(event, op, holding);
    lock.remove(holding);
    const movedBack = world.loseOwn(holding.life, event.name);
    if (movedBack !== undefined) this.#movedBack.add(movedBack);
    if (tableOf(holding.mode) === "exclusive") {
      lock.previous = { how: event.cause!, holder: event.holder! };
    }
    const { life } = holding;
    if (event.name !== ownLockOf(life)) return;
    world.locks.delete(event.name); // nobody asks for it any more
    this.#end(life, event);
  }

  /** Somebody waits no longer: its connection has ended, or is about to, as the system knows. */
  leave(life: string): void {
    this.#checkBegun(life);
  }

  force({ name, count }: WatchEvent): void {
    const { length } = this.#stage.world.lock(name).holdings;
    if (count !== length) this.#stage.complain(`it had ${length} holders`);
    this.#forced = { name, left: length };
  }

  /** A step is over, and owes nothing more. */
  settle(): void {
    this.#settleForce();
    this.#settleCircles();
    for (const life of this.#ending) this.#settleEnd(life);
    this.#ending.clear();
  }

  #settleForce(): void {
    const { name = "", left = 0 } = this.#forced ?? {};
    if (left > 0) this.#stage.complain(`${left} holders of ${name} outlived the force`);
    this.#forced = undefined;
  }

  /** Who has come to wait for others than it asked for is told when that closes a circle. */
  #settleCircles(): void {
    const { world } = this.#stage;
    for (const op of this.#movedBack) {
      const cycle = world.waiting.get(op.life)?.op === op && findCycle(world, op);
      if (cycle) this.#stage.complain(`a deadlock that nobody saw: ${cycle.join(" -> ")}`);
    }
    this.#movedBack.clear();
  }

  /** Those who have ended wait no more, and hold nothing but what grace keeps. */
  #settleEnd(life: string): void {
    const { world } = this.#stage;
    const complain = (problem: string): void => this.#stage.complain(problem);
    if (!world.ended.has(life)) complain(`something of ${life} has ended with it, and it has not`);
    const waiter = world.waiting.get(life);
    if (waiter !== undefined) {
      complain(`${life} has gone and still waits: ${describeOp(waiter.op)}`);
    }
    for (const { name, keptSince } of world.holdingsOf(life)) {
      if (keptSince === undefined) complain(`${name} outlived ${life}, without grace`);
    }
  }

  finish(): void {
    this.settle();
    for (const { holdings } of this.#stage.world.locks.values()) {
      for (const { name, mode, life, token } of holdings) {
        this.#stage.complain(
          `at the end ${name} is still held by ${life} (${mode}, token ${token})`,
        );
      }
    }
    for (const life of this.#stage.lives.keys()) {
      if (!this.#stage.world.ended.has(life)) {
        this.#stage.complain(`no event tells of ${life}'s end`);
      }
    }
  }

  #checkCause(event: WatchEvent, op: Op | undefined, holding: Holding): void {
    const { life, formerLives } = holding;
    const complain = (problem: string): void => this.#stage.complain(problem);
    const holder = lifeOf(event.holder ?? "");
    if (holder !== life && !formerLives.includes(holder)) complain(`${life} held it`);
    if (holding.mode !== event.mode) complain(`it was held as ${holding.mode}`);
    switch (event.cause) {
      case "released":
        if (op === undefined || op.life !== life) complain(`${life} has not asked for that`);
        break;
      case "expired":
        if (this.#stage.unheard(holding).lease !== undefined) break;
        if (holding.lease === undefined) complain("it had no lease");
        else if (event.at < holding.lease.first - BLUR_MS) {
          complain(`too early: its lease ends ${holding.lease.first - event.at} ms later`);
        }
        break;
      case "forced":
        if (this.#forced?.name !== event.name) complain("nobody has forced that");
        else this.#forced.left--;
        break;
      default:
        this.#checkEnd(event, holding);
    }
    const last = holding.lease?.last ?? Infinity;
    const isKnown = this.#stage.unheard(holding).lease === undefined;
    if (event.at > last + LATE_MS && isKnown) {
      complain(`its lease had ended ${event.at - last} ms before`);
    }
  }

  /** It ends because its connection has: at once, or when its grace is over. */
  #checkEnd(event: WatchEvent, holding: Holding): void {
    const { life, keptSince, grace } = holding;
    const isKnown = this.#stage.unheard(holding).grace === undefined;
    const end = this.#checkBegun(life);
    if (end === undefined) return;
    if (!CAUSES[end.how].includes(event.cause!)) {
      this.#stage.complain(`the connection ended by a ${end.how}`);
    }
    if (keptSince !== undefined) {
      const early = keptSince + grace - event.at;
      if (early > BLUR_MS && isKnown) {
        this.#stage.complain(`too early: its grace of ${grace} ms had ${early} left`);
      }
      if (-early > LATE_MS) {
        this.#stage.complain(`too late: its grace was over ${-early} ms before`);
      }
      return;
    }
    this.#ending.add(life);
    if (grace > 0 && end.how !== "bye" && isKnown) {
      this.#stage.complain(`its grace of ${grace} ms was dropped`);
    }
  }

  /** Somebody must have begun to end it. */
  #checkBegun(life: string): Life["end"] {
    const { world, lives } = this.#stage;
    const end = lives.get(life)?.end;
    if (end !== undefined && world.index >= end.seen) return end;
    this.#stage.complain(`${life} has done nothing to end its connection`);
    return undefined;
  }

  /** The end of a connection: what has grace begins to be kept. */
  #end(life: string, { at }: WatchEvent): void {
    const { world, lives } = this.#stage;
    world.ended.add(life);
    this.#ending.add(life);
    if (lives.get(life)?.end?.how === "bye") return;
    for (const holding of world.holdingsOf(life)) {
      holding.grace = this.#stage.unheard(holding).grace ?? holding.grace;
      if (holding.grace > 0) holding.keptSince = at;
    }
  }
}
