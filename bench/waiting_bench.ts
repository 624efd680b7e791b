/**
 * The rules of waiting alone, with 100,000 waiters for one lock: to join the end of the queue, to
 * leave from its middle, and to be granted the lock when the holder leaves.
 */
import { acquireAll, acquireOrWait } from "../lib/state/locks/acquire.ts";
import { cleanUp } from "../lib/state/locks/cleanup.ts";
import { leave } from "../lib/state/locks/departure.ts";
import type { AcquireRequest } from "../lib/state/locks/lock_request.ts";
import type { Owner } from "../lib/state/locks/party.ts";
import { type LockStore, newLockStore } from "../lib/state/locks/store.ts";

const WAITERS = 100_000;
const NOW = { nowMs: 1_000 };
const REQUEST: AcquireRequest = {
  names: ["bench"],
  mode: "exclusive",
  max: Infinity,
  priority: 0,
  leaseMs: undefined,
  graceMs: undefined,
  why: undefined,
};
const LEAVE = {
  ending: "closed",
  when: NOW,
  name: "",
  address: "",
  secret: "",
  withGrace: true,
  withNames: false,
} as const;

/** A lock's holder and its waiters, numbered in the order of their arrival. */
class Waiters {
  readonly #locks: LockStore = newLockStore();
  #holder: Owner = 0;
  #last: Owner = 0;
  /** The next waiter in the middle of the queue. */
  #middle: Owner = WAITERS / 2;

  constructor() {
    acquireAll(this.#locks, this.#holder, REQUEST, NOW);
    this.join(WAITERS);
  }

  /** Adds waiters; each times out after all that came before it. */
  join(count: number): void {
    for (let i = 0; i < count; i++) {
      const owner = ++this.#last;
      const listener = { isConnected: () => true, onOutcome: () => this.#holder = owner };
      acquireOrWait(this.#locks, owner, REQUEST, 60_000 + owner, Infinity, listener, NOW);
    }
  }

  leaveMiddle(count: number): void {
    for (let i = 0; i < count; i++) leave(this.#locks, this.#middle++, LEAVE);
  }

  /** The holder leaves, which grants the lock to the next waiter; that one leaves in turn. */
  leaveHolder(count: number): void {
    for (let i = 0; i < count; i++) {
      leave(this.#locks, this.#holder, LEAVE);
      cleanUp(this.#locks, 1000);
      const [granted] = this.#locks.outcomes.splice(0);
      granted!.listener.onOutcome(granted!.outcome);
    }
  }
}

/** One is too short to time: a millisecond for all of these is a microsecond each. */
const COUNT = 1000;
let waiters: Waiters | undefined;

Deno.bench("waiting: 1,000 clients join the end of the queue", (bench) => {
  waiters ??= new Waiters();
  bench.start();
  waiters.join(COUNT);
  bench.end();
  waiters.leaveMiddle(COUNT);
});

Deno.bench("waiting: 1,000 waiters leave from its middle", (bench) => {
  waiters ??= new Waiters();
  waiters.join(COUNT);
  bench.start();
  waiters.leaveMiddle(COUNT);
  bench.end();
});

Deno.bench("waiting: 1,000 holders leave, each after the last", (bench) => {
  waiters ??= new Waiters();
  waiters.join(COUNT);
  bench.start();
  waiters.leaveHolder(COUNT);
  bench.end();
});
