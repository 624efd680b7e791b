/** A lock that this client holds. Renews its lease, and reports its loss once. */
import {
  listOf,
  numberOf,
  type ReplyLine,
  TIME_MS_MAX,
  valueOf,
  type Values,
} from "../wire/extended.ts";
import { LockLostError, type LossCause } from "./errors.ts";
import type { Mode } from "./modes.ts";
import type { Lock, Previous } from "./types.ts";

/** Shortest interval between renewals of a lease. */
const RENEWAL_MS_MIN = 50;

/** The connection that holds a lock. */
export interface LockOwner {
  readonly isOpen: boolean;
  /** Resolves to the reply, even a refusal. The caller must add a granted lock at once. */
  acquire(names: readonly string[], values: Values): Promise<ReplyLine>;
  add(lock: HeldLock): void;
  /** Resolves to false if the lock is gone. Throws when the server refuses the lease. */
  renew(lock: HeldLock, leaseMs: number): Promise<boolean>;
  release(lock: HeldLock): Promise<void>;
}

export interface GrantTerms {
  readonly names: readonly string[];
  readonly mode: Mode;
  /** 0: no lease. */
  readonly leaseMs: number;
  /** 0: no grace. */
  readonly graceMs: number;
}

export class HeldLock implements Lock {
  readonly names: readonly string[];
  readonly mode: Mode;
  readonly graceMs: number;
  readonly token: number;
  readonly count: readonly number[];
  readonly previous: readonly Previous[];
  readonly waitedMs: number;
  readonly lost: Promise<LockLostError>;
  readonly owner: LockOwner;
  readonly #loss = new AbortController();
  #resolveLost: (error: LockLostError) => void = () => {};
  #isHeld = true;
  #leaseMs: number;
  #renewalTimer: ReturnType<typeof setTimeout> | undefined;
  /** Settles when the lock has been released. */
  #released: Promise<void> | undefined;

  /** @param grant the reply to `acquire` */
  constructor(owner: LockOwner, terms: GrantTerms, grant: ReplyLine) {
    this.owner = owner;
    this.names = terms.names;
    this.mode = terms.mode;
    this.graceMs = terms.graceMs;
    this.#leaseMs = terms.leaseMs;
    this.token = numberOf(grant, "token") ?? NaN;
    this.waitedMs = numberOf(grant, "waited") ?? 0;
    this.count = listOf(grant, "count").map(Number);
    this.previous = previousOf(grant);
    this.lost = new Promise((resolve) => this.#resolveLost = resolve);
    this.#scheduleRenewal();
  }

  get signal(): AbortSignal {
    return this.#loss.signal;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async release(): Promise<void> {
    if (this.#isHeld) this.end();
    await this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async renew(leaseMs: number): Promise<void> {
    this.#checkHeld();
    // A refused lease changes nothing: the client keeps renewing the old one.
    if (await this.owner.renew(this, leaseMs)) this.#leaseMs = leaseMs;
    else this.lose("gone");
    this.#checkHeld();
    this.#scheduleRenewal();
  }

  /** Ends the hold without reporting a loss, and starts releasing the lock on the server. */
  end(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    clearTimeout(this.#renewalTimer);
    this.#released = this.owner.release(this);
  }

  /** Ends the hold and reports the loss. */
  lose(how: LossCause, why?: string): void {
    if (!this.#isHeld) return;
    const error = new LockLostError(this.names, how, why);
    this.end();
    this.#resolveLost(error);
    this.#loss.abort(error);
  }

  /** Renews the lease now; a reconnect calls this, because the time left is unknown. */
  renewNow(): void {
    if (this.#isHeld && this.#leaseMs > 0) this.renew(this.#leaseMs).catch(() => {});
  }

  #scheduleRenewal(): void {
    clearTimeout(this.#renewalTimer);
    if (!this.#isHeld || this.#leaseMs === 0) return;
    const ms = Math.min(TIME_MS_MAX, Math.max(RENEWAL_MS_MIN, this.#leaseMs / 3));
    // If the connection breaks first, the owner decides whether the lock is lost.
    this.#renewalTimer = setTimeout(() => this.renewNow(), ms);
  }

  #checkHeld(): void {
    if (this.#loss.signal.aborted) throw this.#loss.signal.reason;
    if (!this.#isHeld) throw new LockLostError(this.names, "gone", "this client released it");
  }
}

function previousOf(grant: ReplyLine): Previous[] {
  const holders = valueOf(grant, "previous-holder") === undefined
    ? []
    : listOf(grant, "previous-holder");
  return listOf(grant, "previous").map((cause, i) => {
    const holder = holders[i] ?? "";
    return { cause: cause as Previous["cause"], ...(holder === "" ? {} : { holder }) };
  });
}
