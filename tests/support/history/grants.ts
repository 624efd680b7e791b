/**
 * Grants: exclusion, the limits of shared ones, nobody overtaken, all names or none, tokens that
 * rise; and that the reply says of the grant what is so.
 */
import { STALE_MS } from "./margins.ts";
import type { Replay, Stage } from "./replay.ts";
import { describeOp, lifeOf, type Op, tableOf, type WatchEvent } from "./types.ts";
import type { Holding } from "./world.ts";

/** What the events of one grant have told so far. */
interface Grant {
  readonly op: Op;
  readonly token: number;
  readonly counts: Map<string, number>;
  readonly previous: Map<string, { how: string; holder: string }>;
}

export class Grants {
  readonly #stage: Stage;
  #lastToken = -1;
  /** Names that must follow at once. */
  #open: { readonly grant: Grant; readonly left: Set<string> } | undefined;

  constructor(stage: Replay) {
    this.#stage = stage;
  }

  /** All the names of a grant are told of one after the other. */
  expectNext(event: WatchEvent, op: Op | undefined): void {
    if (this.#open === undefined) return;
    const { grant, left } = this.#open;
    if (op === grant.op && event.event === "acquire" && left.has(event.name)) return;
    this.#stage.complain(
      `${[...left].join(" ")} not granted with the rest: ${describeOp(grant.op)}`,
    );
    this.#open = undefined;
  }

  finish(): void {
    if (this.#open === undefined) return;
    this.#stage.complain(`only a part was granted: ${describeOp(this.#open.grant.op)}`);
  }

  acquire(event: WatchEvent, op: Op): void {
    const { world } = this.#stage;
    const lock = world.lock(event.name);
    this.#checkAlive(op);
    this.#checkFree(event, op);
    if (op.verb === "acquire") this.#checkOrder(event, op);
    const grant = this.#grantOf(event, op);
    const waiter = lock.leave(op);
    if (waiter !== undefined && world.waiting.get(op.life) === waiter) {
      world.waiting.delete(op.life);
    }
    const { lease, grace } = op.options;
    const older = lock.heldBy(op.life, tableOf(event.mode!)); // what is agreed on anew, replaces
    const holding: Holding = {
      name: event.name,
      life: op.life,
      formerLives: [],
      mode: event.mode!,
      token: event.token!,
      since: older?.since ?? event.at,
      lease: lease === undefined
        ? older?.lease
        : { first: event.at + lease, last: (op.got?.ms ?? Infinity) + lease },
      grace: grace ?? older?.grace ?? 0,
    };
    world.put(holding);
    const isShared = tableOf(holding.mode) === "shared";
    grant.counts.set(event.name, isShared ? lock.shared.length : 1);
    grant.previous.set(event.name, lock.previous);
    if (this.#open === undefined || this.#open.left.size === 0) {
      this.#open = undefined;
      this.#checkReply(grant, event);
    }
  }

  /** The grant that this event begins or goes on with. */
  #grantOf({ name, token }: WatchEvent, op: Op): Grant {
    if (this.#open?.grant.op === op) {
      const { grant, left } = this.#open;
      left.delete(name);
      if (token !== grant.token) this.#stage.complain(`its other names have token ${grant.token}`);
      return grant;
    }
    if (!Number.isSafeInteger(token)) this.#stage.complain("the token is no whole number");
    if (token! <= this.#lastToken) {
      this.#stage.complain(`the token does not rise: the last one was ${this.#lastToken}`);
    }
    this.#lastToken = Math.max(this.#lastToken, token!);
    const grant = { op, token: token!, counts: new Map(), previous: new Map() };
    const left = new Set(op.names);
    left.delete(name);
    if (left.size > 0) this.#open = { grant, left };
    return grant;
  }

  #checkAlive({ life }: Op): void {
    if (!this.#stage.world.ended.has(life)) return;
    this.#stage.complain(`granted to ${life}, which has gone`);
  }

  #checkFree({ name, mode }: WatchEvent, op: Op): void {
    const { max } = op.options;
    const blockers = this.#stage.world.lock(name).blockers(op.life, mode!, max);
    if (blockers.length === 0) return;
    const held = blockers.map(({ life, mode, token }) => `${life} (${mode}, token ${token})`);
    const limit = mode === "shared" && max !== undefined ? `, and at most ${max} may` : "";
    this.#stage.complain(`granted while it is held by ${held.join(", ")}${limit}`);
  }

  #checkOrder({ name }: WatchEvent, op: Op): void {
    const { world } = this.#stage;
    const [overtaken] = world.ahead(op, name);
    if (overtaken === undefined) return;
    this.#stage.complain(`granted before one that stands before it: ${describeOp(overtaken.op)}`);
  }

  /** What the client was told, beside what happened. */
  #checkReply({ op, token, counts, previous }: Grant, event: WatchEvent): void {
    const reply = this.#stage.pairing.replies.get(op)!;
    if (reply.word !== "acquired") return;
    const wrong = (what: string, is: string): void =>
      this.#stage.complain(`${describeOp(op)}: ${what} is ${is}`);
    const inOrder = <T>(values: Map<string, T>): T[] => op.names.map((name) => values.get(name)!);
    const count = inOrder(counts).join();
    if (reply.counts.join() !== count) wrong("the count", count);
    if (op.verb !== "acquire") return;
    if (reply.token !== token) wrong("the token", `${token}`);
    const ends = inOrder(previous);
    const how = ends.map(({ how }) => how).join();
    if (reply.previous.join() !== how) wrong("previous", how);
    // One who has changed its name meanwhile is called by the new one.
    const holders = joined(ends.map(({ holder }) => lifeOf(holder)));
    const told = joined(reply.previousHolders.map(lifeOf));
    if (told !== holders) wrong("previous-holder", holders || "nobody");
    if (reply.waited !== (event.waited ?? 0)) wrong("waited", `${event.waited} in the event`);
    const elapsed = op.got!.ms - op.sent.ms;
    if (reply.waited > elapsed + STALE_MS) wrong("waited", `at most ${elapsed}`);
    const isTold = this.#stage.pairing.eventsOf.get(op)!.length > op.names.length;
    if (reply.waited > 0 && !isTold) wrong("waited", "0, for no event tells of its waiting");
  }
}

/** Members of a list; a list of nothing but empty ones is as good as none. */
function joined(members: readonly string[]): string {
  return members.every((member) => member === "") ? "" : members.join();
}
