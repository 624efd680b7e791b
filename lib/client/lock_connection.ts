/**
 * A connection and the locks it holds. Notices locks that are taken away. When the connection
 * breaks, a new one takes back the locks that `grace` has kept.
 */
import { numberOf, type ReplyLine, valueOf, type Values } from "../wire/extended.ts";
import type { LossCause } from "./errors.ts";
import type { HeldLock, LockOwner } from "./held_lock.ts";
import { commonPrefix, kindOf } from "./modes.ts";
import { errorOf } from "./refusals.ts";
import { type DetachedSession, releaseDetached, resume } from "./resume.ts";
import type { ClientSession } from "./session.ts";
import type { SessionPool } from "./session_pool.ts";
import type { WatchEvent } from "./types.ts";

export class LockConnection implements LockOwner {
  readonly #sessions: SessionPool;
  readonly #locks = new Set<HeldLock>();
  /** Locks that are being released. */
  readonly #releasing = new Set<HeldLock>();
  /** The current token of each name, by `keyOf`. */
  readonly #tokens = new Map<string, number>();
  #session: ClientSession;
  /** The number of `acquire` requests without a reply. */
  #pendingAcquires = 0;
  /** Settles when reconnecting has succeeded, or has failed and all locks are lost. */
  #restored: Promise<void> | undefined;
  #watchedPrefix: string | undefined;
  /** The last `force` event; its `release` events follow it. */
  #lastForce: { readonly name: string; readonly why: string } | undefined;
  /** Whether the server refuses `watch`. */
  #isWatchRefused = false;
  /** Whether the session was closed, or is back in the pool. */
  #isFinished = false;

  constructor(sessions: SessionPool, session: ClientSession) {
    this.#sessions = sessions;
    this.#session = session;
    this.#attach(session);
  }

  get isOpen(): boolean {
    return !this.#isFinished && (this.#restored !== undefined || this.#session.isOpen);
  }

  /** The session to resume on a new connection; undefined while this one is open. */
  get detachedSession(): DetachedSession | undefined {
    return this.#session.isOpen ? undefined : this.#session;
  }

  /** Closes the connection at once; the server releases its locks and ends its waits. */
  close(): void {
    this.#isFinished = true;
    this.#session.closeWithBye();
  }

  async acquire(names: readonly string[], values: Values): Promise<ReplyLine> {
    await this.#whenRestored();
    this.#pendingAcquires++;
    const session = this.#session;
    try {
      const reply = session.ask("acquire", names, values);
      // Watches after `acquire`, so that a waiter gets no events of the waiters before it.
      this.#watch(names).catch(() => {});
      return await reply;
    } catch (error) {
      if (this.#locks.size > 0) await this.#releaseUnreported(session, names);
      throw error;
    } finally {
      this.#pendingAcquires--;
    }
  }

  /** Releases locks that were granted as the connection broke, if the next one took them back. */
  async #releaseUnreported(broken: ClientSession, names: readonly string[]): Promise<void> {
    await broken.ended;
    await this.#whenRestored();
    const held = new Set([...this.#locks].flatMap((lock) => lock.names));
    const unreported = names.filter((name) => !held.has(name));
    const session = this.#session;
    if (!session.isOpen) return;
    await Promise.all(unreported.map((name) => session.ask("release", [name]))).catch(() => {});
  }

  add(lock: HeldLock): void {
    this.#locks.add(lock);
    for (const name of lock.names) this.#tokens.set(keyOf(lock, name), lock.token);
    if (!this.isOpen && !this.#isFinished) return this.#onDisconnect(); // it broke since the grant
    // The lock may have been taken away before the watch started.
    if (lock.waitedMs > 0) this.#verify(lock).catch(() => {});
  }

  async renew({ names }: HeldLock, leaseMs: number): Promise<boolean> {
    await this.#whenRestored();
    const session = this.#session;
    const replies = await Promise.all(
      names.map((name) => session.ask("renew", [name], { lease: leaseMs })),
    );
    const refused = replies.find(({ word }) => word !== "renewed" && word !== "not-held");
    if (refused !== undefined) throw errorOf(refused, "renew", names);
    return replies.every(({ word }) => word === "renewed");
  }

  /** Returns the session to the pool after an `acquire` that was not granted. */
  async discard(): Promise<void> {
    if (this.#session.isOpen) await this.#returnToPool();
  }

  /** Releases a lock, and returns the session to the pool after the last one. */
  async release(lock: HeldLock): Promise<void> {
    this.#locks.delete(lock);
    this.#releasing.add(lock);
    for (let isDone = false; !isDone;) {
      await this.#whenRestored();
      const session = this.#session;
      if (!session.isOpen) break;
      // A break releases the lock, unless grace keeps it: then the next connection releases it.
      isDone = await this.#sendRelease(lock).then(() => true, () => false);
      if (!isDone) await session.ended;
    }
    this.#releasing.delete(lock);
    if (this.#session.isOpen) await this.#returnToPool();
  }

  /** Releases all names in one request, or one by one if the server has lost some of them. */
  async #sendRelease({ names, mode }: HeldLock): Promise<void> {
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

  /** Returns the session to the pool when nothing is held, requested or being released on it. */
  async #returnToPool(): Promise<void> {
    const session = this.#session;
    const isInUse = () =>
      this.#locks.size + this.#releasing.size + this.#pendingAcquires > 0 || this.#isFinished ||
      this.#session !== session;
    if (isInUse()) return;
    if (this.#watchedPrefix !== undefined) {
      this.#watchedPrefix = undefined;
      if (await session.ask("unwatch").catch(() => undefined) === undefined) return;
      if (isInUse()) return; // a new acquire watches again
    }
    this.#isFinished = true;
    this.#sessions.put(session);
  }

  /**
   * Watches `names` and the names of the held locks, by their longest common prefix: a connection
   * can watch only one prefix.
   */
  async #watch(names: readonly string[] = []): Promise<void> {
    if (this.#isWatchRefused) return;
    const prefix = commonPrefix([...names, ...[...this.#locks].flatMap((lock) => lock.names)]);
    if (prefix === this.#watchedPrefix) return;
    this.#watchedPrefix = prefix;
    const reply = await this.#session.ask("watch", prefix === "" ? [] : [prefix]);
    if (reply.kind === "1") return;
    this.#watchedPrefix = undefined;
    this.#isWatchRefused = true;
  }

  /**
   * Reports a loss if the server no longer has the lock. Acquiring a lock that the connection holds
   * returns the same token at once, however many clients wait.
   */
  async #verify(lock: HeldLock): Promise<void> {
    const session = this.#session;
    const kind = kindOf(lock.mode);
    const isNameHeld = async (name: string) => {
      const reply = await session.ask("acquire", [name], { mode: lock.mode });
      const isSameGrant = numberOf(reply, "token") === this.#tokens.get(keyOf(lock, name));
      if (reply.word === "busy") return false;
      if (reply.word !== "acquired" || isSameGrant || !this.#locks.has(lock)) return true;
      await session.ask("release", [name], { mode: kind }); // the name was free
      return false;
    };
    const names = await Promise.all(lock.names.map(isNameHeld));
    if (!names.every((isHeld) => isHeld)) lock.lose("gone");
  }

  /** @param isDeferred whether this is the second call for the same event */
  #onEvent(line: ReplyLine, isDeferred = false): void {
    if (line.word === "lost") {
      for (const lock of this.#locks) this.#verify(lock).catch(() => {});
    }
    const json = valueOf(line, "json");
    if (line.word !== "event" || json === undefined) return;
    const event = JSON.parse(json) as WatchEvent;
    if (event.event === "force") this.#lastForce = event;
    if (event.event !== "release" || (event.cause !== "forced" && event.cause !== "expired")) {
      return;
    }
    if (this.#tokens.get(keyOf(event, event.name)) !== event.token) {
      // The grant may have arrived in the same chunk; its lock is added in the next task.
      if (this.#pendingAcquires > 0 && !isDeferred) setTimeout(() => this.#onEvent(line, true), 0);
      return;
    }
    for (const lock of this.#locks) {
      const isMatch = lock.names.includes(event.name) && kindOf(lock.mode) === kindOf(event.mode);
      const isForced = event.cause === "forced" && this.#lastForce?.name === event.name;
      if (isMatch) lock.lose(event.cause, isForced ? this.#lastForce?.why : undefined);
    }
  }

  /** Resolves when no reconnect is under way, however the last one ended. */
  async #whenRestored(): Promise<void> {
    while (this.#restored !== undefined) await this.#restored;
  }

  #attach(session: ClientSession): void {
    this.#session = session;
    session.onEvent = (line) => this.#onEvent(line);
    session.ended.then(() => {
      if (this.#session === session && !this.#isFinished) this.#onDisconnect();
    });
  }

  #onDisconnect(): void {
    for (const lock of this.#locks) {
      if (this.#sessions.isClosed) lock.end();
      else if (lock.graceMs === 0 || !this.#sessions.reconnects) lock.lose("disconnected");
    }
    const hasGrace = [...this.#locks, ...this.#releasing].some(({ graceMs }) => graceMs > 0);
    if (!hasGrace || !this.#sessions.reconnects) return;
    const restored: Promise<void> = this.#reconnect().finally(() => {
      // The connection may have broken again.
      if (this.#restored === restored) this.#restored = undefined;
    });
    this.#restored = restored;
  }

  /** Takes back the locks with grace on a new connection, or loses them. */
  async #reconnect(): Promise<void> {
    const graceMs = Math.max(...[...this.#locks, ...this.#releasing].map((lock) => lock.graceMs));
    this.#watchedPrefix = undefined;
    let how: LossCause = "disconnected";
    const detached: DetachedSession[] = [this.#session];
    try {
      const untilMs = performance.now() + graceMs;
      const { session, isResumed } = await resume(this.#sessions, detached, untilMs);
      if (isResumed) {
        this.#attach(session);
        return await this.#restoreLocks();
      }
      this.#sessions.put(session);
      how = "gone";
    } catch { /* whatever the reason, the locks are lost */ }
    if (this.#sessions.isClosed) releaseDetached(this.#sessions, detached, graceMs);
    for (const lock of this.#locks) {
      if (this.#sessions.isClosed) lock.end();
      else lock.lose(how);
    }
  }

  /** Watches, verifies and renews the locks; if the connection breaks, the next one does. */
  async #restoreLocks(): Promise<void> {
    try {
      await this.#watch();
      for (const lock of this.#locks) {
        await this.#verify(lock);
        lock.renewNow();
      }
    } catch { /* the connection broke again */ }
  }
}

function keyOf({ mode }: Pick<HeldLock, "mode">, name: string): string {
  return `${kindOf(mode)} ${name}`;
}
