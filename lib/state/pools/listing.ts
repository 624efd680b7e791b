/**
 * Reading a long list of the table a little at a time, while it changes between two looks. Pure.
 *
 * Law: what is in the list from the first look to the last is met exactly once; what comes or goes
 * meanwhile may be met, once. A list that goes on growing is read to an end all the same.
 */
import { LISTING_BATCH_MAX } from "../../limits.ts";
import type { Pools, PoolSession } from "./model.ts";

interface Made {
  readonly madeAt: number;
}

/** A list of the table or of a pool that only grows at its end, by `madeAt`. */
export class MadeWalk {
  readonly #until: number;
  #next = 0;
  #isOver = false;

  /** What is made from now on is not met. */
  constructor({ revision }: Pools) {
    this.#until = revision;
  }

  /** Whether the end of the list has been reached. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next few; any of those before may have gone. */
  next<T extends Made>(list: readonly T[]): readonly T[] {
    const start = firstFrom(list, this.#next);
    const met = list.slice(start, start + LISTING_BATCH_MAX).filter(({ madeAt }) =>
      madeAt < this.#until
    );
    if (met.length > 0) this.#next = met.at(-1)!.madeAt + 1;
    this.#isOver = met.length < LISTING_BATCH_MAX;
    return met;
  }
}

/** The index of the first that was made at this revision or later. */
function firstFrom(list: readonly Made[], madeAt: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.madeAt < madeAt) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many times as long as the list the way through it may get; then looks get longer. */
const ROUNDS_MAX = 4;

/**
 * The sessions on a resource, the longest without contact first. A contact takes a session to the
 * end of the list, behind us or before us; so what was met is noted, one bit for each seat.
 */
export class SessionWalk {
  readonly #pool: string;
  readonly #resource: string;
  #met: Uint8Array | undefined;
  #seats = 0;
  #visits = 0;
  #lookMax = LISTING_BATCH_MAX;
  /**
   * The last one met, and its contact then. Weakly: a session that has ended still names its
   * neighbours, and would keep all that have ended after it.
   */
  #last: WeakRef<PoolSession> | undefined;
  #lastOrder = 0;
  #isOver = false;

  constructor(pool: string, resource: string) {
    this.#pool = pool;
    this.#resource = resource;
  }

  /** Whether the end of the list has been reached. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next few; there may be none although more follow. */
  next(pools: Pools): PoolSession[] {
    const resource = pools.byName.get(this.#pool)?.byName.get(this.#resource);
    if (this.#met === undefined) {
      this.#seats = resource?.seats ?? 0;
      this.#met = new Uint8Array((this.#seats >> 3) + 1);
    }
    const met: PoolSession[] = [];
    // Twice as long each time: nobody can add to the list faster than that.
    if (this.#visits > ROUNDS_MAX * this.#seats) this.#lookMax *= 2;
    const end = this.#visits + this.#lookMax;
    // From the beginning again if the way is lost: what was met is known.
    let last = this.#place(pools);
    let session = last === undefined ? resource?.oldest : last.younger;
    for (; session !== undefined && this.#visits < end; session = session.younger) {
      this.#visits++;
      if (this.#note(session.seat)) met.push(session);
      last = session;
    }
    this.#isOver = session === undefined;
    if (!this.#isOver) this.#leave(last!);
    return met;
  }

  #leave(last: PoolSession): void {
    this.#last = new WeakRef(last);
    this.#lastOrder = last.order;
  }

  /** The session that was met last, if it still stands where it stood. */
  #place({ byName }: Pools): PoolSession | undefined {
    const last = this.#last?.deref();
    if (last === undefined || last.order !== this.#lastOrder) return undefined;
    return byName.get(this.#pool)?.sessions.get(last.consumer) === last ? last : undefined;
  }

  /** Notes a session; false when it is known, or has come after the first look. */
  #note(seat: number): boolean {
    if (seat >= this.#seats) return false;
    const [byte, bit] = [seat >> 3, 1 << (seat & 7)];
    if ((this.#met![byte]! & bit) !== 0) return false;
    this.#met![byte]! |= bit;
    return true;
  }
}
