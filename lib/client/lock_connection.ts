/**
 * Where locks live: a connection, and the locks it holds. It hears of locks that are taken away,
 * and when the connection breaks it gets back what `grace` has kept, by another connection.
 */
import { numberOf, type ReplyLine, valueOf, type Values } from "../wire/extended.ts";
import { comeBack, disown, type Memory } from "./resume.ts";
import type { LossCause } from "./errors.ts";
import type { HeldLock } from "./held_lock.ts";
import { commonStart, kindOf } from "./modes.ts";
import { errorOf } from "./refusals.ts";
import type { ClientSession } from "./session.ts";
import type { SessionPool } from "./session_pool.ts";
import type { WatchEvent } from "./types.ts";

export class LockConnection {
  readonly #sessions: SessionPool;
  readonly #locks = new Set<HeldLock>();
  /** Those that are about to be given back. */
  readonly #leaving = new Set<HeldLock>();
  /** The token that each name has by now, by `keyOf`. */
  readonly #tokens = new Map<string, number>();
  #session: ClientSession;
  /** Acquires whose reply is still to come. */
  #asking = 0;
  /** Settles when the connection is there again, or nothing is left to come back for. */
  #returning: Promise<void> | undefined;
  #watched: string | undefined;
  /** The last one heard of, behind which the ends of what it ended are told. */
  #force: { readonly name: string; readonly why: string } | undefined;
  /** Whether the server shows nothing of its locks. */
  #isBlind = false;
  /** Whether the connection has been handed on. */
  #hasParted = false;

  constructor(sessions: SessionPool, session: ClientSession) {
    this.#sessions = sessions;
    this.#session = session;
    this.#settle(session);
  }

  get isOpen(): boolean {
    return !this.#hasParted && (this.#returning !== undefined || this.#session.isOpen);
  }

  /** What it takes to come back for what was granted when the connection broke, if it has. */
  get memory(): Memory | undefined {
    return this.#session.isOpen ? undefined : this.#session;
  }

  /** Ends the connection at once, and all that is held or waited for by it. */
  quit(): void {
    this.#hasParted = true;
    this.#session.quit();
  }

  /** Asks for locks here; the reply, whatever it is. A lock that was granted is to be added at once. */
  async acquire(names: readonly string[], values: Values): Promise<ReplyLine> {
    await this.#back();
    this.#asking++;
    const session = this.#session;
    try {
      const reply = session.ask("acquire", names, values);
      // Behind it, so that who waits need not hear of all the others that come and go.
      this.#watch(names).catch(() => {});
      return await reply;
    } catch (error) {
      if (this.#locks.size > 0) await this.#disown(session, names);
      throw error;
    } finally {
      this.#asking--;
    }
  }

  /** Gives back what was granted at the moment when the connection broke, if it came along. */
  async #disown(broken: ClientSession, names: readonly string[]): Promise<void> {
    await broken.ended;
    await this.#back();
    const ours = new Set([...this.#locks].flatMap((lock) => lock.names));
    const strays = names.filter((name) => !ours.has(name));
    const session = this.#session;
    if (!session.isOpen) return;
    await Promise.all(strays.map((name) => session.ask("release", [name]))).catch(() => {});
  }

  add(lock: HeldLock): void {
    this.#locks.add(lock);
    for (const name of lock.names) this.#tokens.set(keyOf(lock, name), lock.token);
    if (!this.isOpen && !this.#hasParted) return this.#broken(); // at this very moment
    // What happened between the grant and the beginning of the watch.
    if (lock.waitedMs > 0) this.#verify(lock).catch(() => {});
  }

  async renew({ names }: HeldLock, leaseMs: number): Promise<boolean> {
    await this.#back();
    const session = this.#session;
    const replies = await Promise.all(
      names.map((name) => session.ask("renew", [name], { lease: leaseMs })),
    );
    const refused = replies.find(({ word }) => word !== "renewed" && word !== "not-held");
    if (refused !== undefined) throw errorOf(refused, "renew", names);
    return replies.every(({ word }) => word === "renewed");
  }

  /** Leaves when nobody ever moved in. */
  async abandon(): Promise<void> {
    if (this.#session.isOpen) await this.#part();
  }

  /** Gives a lock back; the last one that moves out leaves the connection to others. */
  async leave(lock: HeldLock): Promise<void> {
    this.#locks.delete(lock);
    this.#leaving.add(lock);
    for (let isDone = false; !isDone;) {
      await this.#back();
      const session = this.#session;
      if (!session.isOpen) break;
      // A connection that breaks has given it back, unless its grace keeps it: then we come back.
      isDone = await this.#release(lock).then(() => true, () => false);
      if (!isDone) await session.ended;
    }
    this.#leaving.delete(lock);
    if (this.#session.isOpen) await this.#part();
  }

  /** All names in one step; one by one when some of them are gone. */
  async #release({ names, mode }: HeldLock): Promise<void> {
    const kind = kindOf(mode);
    const others = [...this.#locks].filter((other) => kindOf(other.mode) === kind);
    const own = names.filter((name) => !others.some((other) => other.names.includes(name)));
    if (own.length === 0) return;
    for (const name of own) this.#tokens.delete(keyOf({ mode }, name));
    const session = this.#session;
    const reply = await session.ask("release", own, { mode: kind });
    if (reply.word === "released" || own.length === 1) return;
    await Promise.all(own.map((name) => session.ask("release", [name], { mode: kind })));
  }

  /** Hands the connection on once nothing is held here, nor on its way to be. */
  async #part(): Promise<void> {
    const session = this.#session;
    const isUsed = () =>
      this.#locks.size + this.#leaving.size + this.#asking > 0 || this.#hasParted ||
      this.#session !== session;
    if (isUsed()) return;
    if (this.#watched !== undefined) {
      this.#watched = undefined;
      if (await session.ask("unwatch").catch(() => undefined) === undefined) return;
      if (isUsed()) return; // who came meanwhile watches again
    }
    this.#hasParted = true;
    this.#sessions.put(session);
  }

  /**
   * Watches the names of the locks, and those that are asked for. A connection watches one
   * beginning of names, so it is the longest they have in common.
   */
  async #watch(names: readonly string[] = []): Promise<void> {
    if (this.#isBlind) return;
    const prefix = commonStart([...names, ...[...this.#locks].flatMap((lock) => lock.names)]);
    if (prefix === this.#watched) return;
    this.#watched = prefix;
    const reply = await this.#session.ask("watch", prefix === "" ? [] : [prefix]);
    if (reply.kind === "1") return;
    this.#watched = undefined;
    this.#isBlind = true;
  }

  /**
   * Looks whether the server still has the lock; one that it has not is lost. Asked for again, what
   * is held is answered at once, by its token; that is all the same however many wait for it.
   */
  async #verify(lock: HeldLock): Promise<void> {
    const session = this.#session;
    const kind = kindOf(lock.mode);
    const holds = async (name: string) => {
      const reply = await session.ask("acquire", [name], { mode: lock.mode });
      const isOurs = numberOf(reply, "token") === this.#tokens.get(keyOf(lock, name));
      if (reply.word === "busy") return false;
      if (reply.word !== "acquired" || isOurs || !this.#locks.has(lock)) return true;
      await session.ask("release", [name], { mode: kind }); // it was free by now
      return false;
    };
    const all = await Promise.all(lock.names.map(holds));
    if (!all.every((isHeld) => isHeld)) lock.lose("gone");
  }

  /** @param isAgain whether it was heard before, and put off. */
  #hear(line: ReplyLine, isAgain = false): void {
    if (line.word === "lost") {
      for (const lock of this.#locks) this.#verify(lock).catch(() => {});
    }
    const json = valueOf(line, "json");
    if (line.word !== "event" || json === undefined) return;
    const event = JSON.parse(json) as WatchEvent;
    if (event.event === "force") this.#force = event;
    if (event.event !== "release" || (event.cause !== "forced" && event.cause !== "expired")) {
      return;
    }
    if (this.#tokens.get(keyOf(event, event.name)) !== event.token) {
      // Of a grant that has come just before, in one piece with this: it is added in a moment.
      if (this.#asking > 0 && !isAgain) setTimeout(() => this.#hear(line, true), 0);
      return;
    }
    for (const lock of this.#locks) {
      const isIt = lock.names.includes(event.name) && kindOf(lock.mode) === kindOf(event.mode);
      const isForced = event.cause === "forced" && this.#force?.name === event.name;
      if (isIt) lock.lose(event.cause, isForced ? this.#force?.why : undefined);
    }
  }

  /** Resolves once the connection is there again, or is gone for good. */
  async #back(): Promise<void> {
    while (this.#returning !== undefined) await this.#returning;
  }

  #settle(session: ClientSession): void {
    this.#session = session;
    session.onEvent = (line) => this.#hear(line);
    session.ended.then(() => {
      if (this.#session === session && !this.#hasParted) this.#broken();
    });
  }

  #broken(): void {
    for (const lock of this.#locks) {
      if (this.#sessions.isClosed) lock.end();
      else if (lock.graceMs === 0 || !this.#sessions.reconnects) lock.lose("disconnected");
    }
    const isKept = [...this.#locks, ...this.#leaving].some(({ graceMs }) => graceMs > 0);
    if (!isKept || !this.#sessions.reconnects) return;
    const returning: Promise<void> = this.#return().finally(() => {
      // It may have broken again before it was all in order.
      if (this.#returning === returning) this.#returning = undefined;
    });
    this.#returning = returning;
  }

  /** Comes back with another connection for the locks that are kept. */
  async #return(): Promise<void> {
    const graceMs = Math.max(...[...this.#locks, ...this.#leaving].map((lock) => lock.graceMs));
    this.#watched = undefined;
    let how: LossCause = "disconnected";
    const memories: Memory[] = [this.#session];
    try {
      const untilMs = performance.now() + graceMs;
      const { session, isResumed } = await comeBack(this.#sessions, memories, untilMs);
      if (isResumed) {
        this.#settle(session);
        return await this.#resume();
      }
      this.#sessions.put(session);
      how = "gone";
    } catch { /* for whoever holds the lock it is the same: it is lost */ }
    if (this.#sessions.isClosed) disown(this.#sessions, memories, graceMs);
    for (const lock of this.#locks) {
      if (this.#sessions.isClosed) lock.end();
      else lock.lose(how);
    }
  }

  /** If this connection breaks meanwhile, the next one sees to it. */
  async #resume(): Promise<void> {
    try {
      await this.#watch();
      for (const lock of this.#locks) {
        await this.#verify(lock);
        lock.renewSoon();
      }
    } catch { /* it has broken again */ }
  }
}

function keyOf({ mode }: Pick<HeldLock, "mode">, name: string): string {
  return `${kindOf(mode)} ${name}`;
}
