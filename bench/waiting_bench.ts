/**
 * The rules of waiting alone, among 100,000 who wait for one lock: to come to the end of the queue,
 * to go out of its midst, and to be granted when the holder dies.
 */
import { acquireAll, acquireOrWait } from "../lib/state/acquiring.ts";
import { leave } from "../lib/state/leaving.ts";
import { sweep } from "../lib/state/sweeping.ts";
import { type Locks, newLocks, type Owner } from "../lib/state/locks.ts";
import type { Wish } from "../lib/state/waiter.ts";

const WAITERS = 100_000;
const NOW = { nowMs: 1_000 };
const WISH: Wish = {
  names: ["bench"],
  mode: "exclusive",
  max: Infinity,
  priority: 0,
  leaseMs: undefined,
  graceMs: undefined,
  why: undefined,
};
const LEAVE = {
  how: "closed",
  when: NOW,
  name: "",
  address: "",
  secret: "",
  withGrace: true,
  withNames: false,
} as const;

/** A holder and those who wait for it, numbered as they came. */
class Crowd {
  readonly #locks: Locks = newLocks();
  #holder: Owner = 0;
  #last: Owner = 0;
  /** Of those before it in the second half of the queue, all have gone. */
  #midst: Owner = WAITERS / 2;

  constructor() {
    acquireAll(this.#locks, this.#holder, WISH, NOW);
    this.come(WAITERS);
  }

  /** So many more, each with a patience that ends after all others'. */
  come(count: number): void {
    for (let i = 0; i < count; i++) {
      const owner = ++this.#last;
      const ear = { isThere: () => true, hear: () => this.#holder = owner };
      acquireOrWait(this.#locks, owner, WISH, 60_000 + owner, Infinity, ear, NOW);
    }
  }

  leaveMidst(count: number): void {
    for (let i = 0; i < count; i++) leave(this.#locks, this.#midst++, LEAVE);
  }

  /** The holder dies, the next is granted in the same step, and dies in turn. */
  leaveHolder(count: number): void {
    for (let i = 0; i < count; i++) {
      leave(this.#locks, this.#holder, LEAVE);
      sweep(this.#locks, 1000);
      const [news] = this.#locks.news.splice(0);
      news!.ear.hear(news!.outcome);
    }
  }
}

/** Many at a time, as a clock tells little of one: a millisecond of these is a microsecond each. */
const AT_A_TIME = 1000;
let crowd: Crowd | undefined;

Deno.bench("waiting: 1,000 come to the end of the queue, one by one", (bench) => {
  crowd ??= new Crowd();
  bench.start();
  crowd.come(AT_A_TIME);
  bench.end();
  crowd.leaveMidst(AT_A_TIME);
});

Deno.bench("waiting: 1,000 in its midst die, one by one", (bench) => {
  crowd ??= new Crowd();
  crowd.come(AT_A_TIME);
  bench.start();
  crowd.leaveMidst(AT_A_TIME);
  bench.end();
});

Deno.bench("waiting: 1,000 holders die, each when the one before has", (bench) => {
  crowd ??= new Crowd();
  crowd.come(AT_A_TIME);
  bench.start();
  crowd.leaveHolder(AT_A_TIME);
  bench.end();
});
