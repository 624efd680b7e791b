/** A lock that is held: its lease is renewed, its end is told, once. */
import { listOf, numberOf, type ReplyLine, TIME_MS_MAX, valueOf } from "../wire/extended.ts";
import { LockLostError, type LossCause } from "./errors.ts";
import type { LockConnection } from "./lock_connection.ts";
import type { Lock, Mode, Previous } from "./types.ts";

/** How often a lease is renewed at most. */
const RENEWAL_MS_MIN = 50;

export interface GrantTerms {
  readonly names: readonly string[];
  readonly mode: Mode;
  /** 0: none. */
  readonly leaseMs: number;
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
  readonly #home: LockConnection;
  readonly #losing = new AbortController();
  #tellLost: (error: LockLostError) => void = () => {};
  #isHeld = true;
  #leaseMs: number;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** Settles when it has been given back. */
  #leaving: Promise<void> | undefined;

  /** @param grant the reply to `acquire`. */
  constructor(home: LockConnection, terms: GrantTerms, grant: ReplyLine) {
    this.#home = home;
    this.names = terms.names;
    this.mode = terms.mode;
    this.graceMs = terms.graceMs;
    this.#leaseMs = terms.leaseMs;
    this.token = numberOf(grant, "token") ?? NaN;
    this.waitedMs = numberOf(grant, "waited") ?? 0;
    this.count = listOf(grant, "count").map(Number);
    this.previous = previousOf(grant);
    this.lost = new Promise((resolve) => this.#tellLost = resolve);
    this.#renewLater();
  }

  get signal(): AbortSignal {
    return this.#losing.signal;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  get leaseMs(): number {
    return this.#leaseMs;
  }

  /** Where it lives, for others that are to live there, too. */
  get home(): LockConnection {
    return this.#home;
  }

  async release(): Promise<void> {
    if (this.#isHeld) this.end();
    await this.#leaving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async renew(leaseMs: number): Promise<void> {
    this.#demandHeld();
    // A lease that is refused changes nothing: the one before goes on, and goes on being renewed.
    if (await this.#home.renew(this, leaseMs)) this.#leaseMs = leaseMs;
    else this.lose("gone");
    this.#demandHeld();
    this.#renewLater();
  }

  /** It is not held any more and nobody is to be told; what is left of it is given back. */
  end(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    clearTimeout(this.#renewal);
    this.#leaving = this.#home.leave(this);
  }

  lose(how: LossCause, why?: string): void {
    if (!this.#isHeld) return;
    const error = new LockLostError(this.names, how, why);
    this.end();
    this.#tellLost(error);
    this.#losing.abort(error);
  }

  /** Renews now, as after a break of the connection: nobody knows how much of the lease is left. */
  renewSoon(): void {
    if (this.#isHeld && this.#leaseMs > 0) this.renew(this.#leaseMs).catch(() => {});
  }

  #renewLater(): void {
    clearTimeout(this.#renewal);
    if (!this.#isHeld || this.#leaseMs === 0) return;
    const ms = Math.min(TIME_MS_MAX, Math.max(RENEWAL_MS_MIN, this.#leaseMs / 3));
    // When the connection breaks meanwhile, others see to what becomes of the lock.
    this.#renewal = setTimeout(() => this.renewSoon(), ms);
  }

  #demandHeld(): void {
    if (this.#losing.signal.aborted) throw this.#losing.signal.reason;
    if (!this.#isHeld) throw new LockLostError(this.names, "gone", "it has been given back here");
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
