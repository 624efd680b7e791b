/**
 * Cursors that read a long list of the table in batches, between which the list may change. Pure.
 *
 * Law: an entry that is in the list from the first batch to the last is returned exactly once; an
 * entry that is added or removed meanwhile is returned at most once. A cursor reaches the end of a
 * list even if the list keeps growing.
 */
import { LISTING_BATCH_MAX } from "../../limits.ts";
import type { Pools, PoolSession } from "./model.ts";

interface Created {
  readonly createdAtRevision: number;
}

/** A cursor over a list that grows only at its end: the pools, or the resources of a pool. */
export class CreationCursor {
  readonly #endRevision: number;
  #nextRevision = 0;
  #isDone = false;

  /** Creates a cursor that does not return entries created later. */
  constructor({ revision }: Pools) {
    this.#endRevision = revision;
  }

  /** Whether the end of the list has been reached. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Returns the next batch of the list, from which entries may have been removed meanwhile. */
  next<T extends Created>(list: readonly T[]): readonly T[] {
    const start = indexOfFirst(list, this.#nextRevision);
    const batch = list.slice(start, start + LISTING_BATCH_MAX).filter(({ createdAtRevision }) =>
      createdAtRevision < this.#endRevision
    );
    if (batch.length > 0) this.#nextRevision = batch.at(-1)!.createdAtRevision + 1;
    this.#isDone = batch.length < LISTING_BATCH_MAX;
    return batch;
  }
}

/** Returns the index of the first entry that was created at this revision or later. */
function indexOfFirst(list: readonly Created[], revision: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.createdAtRevision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A cursor that has visited this many times the length of the list reads longer batches. */
const ROUNDS_MAX = 4;

/**
 * A cursor over the sessions on a resource, the oldest contact first. A contact moves a session to
 * the end of the list, whether or not the cursor has passed it. So the cursor records which
 * sessions it has returned, with one bit for each slot.
 */
export class SessionCursor {
  readonly #pool: string;
  readonly #resource: string;
  #returned: Uint8Array | undefined;
  #slotCount = 0;
  #visits = 0;
  #visitsPerBatch = LISTING_BATCH_MAX;
  /**
   * The session visited last, and its contact number then. The reference is weak: an ended session
   * still refers to its neighbours, so it would keep later ended sessions in memory.
   */
  #last: WeakRef<PoolSession> | undefined;
  #lastContactNumber = 0;
  #isDone = false;

  constructor(pool: string, resource: string) {
    this.#pool = pool;
    this.#resource = resource;
  }

  /** Whether the end of the list has been reached. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Returns the next batch, which may be empty although more sessions follow. */
  next(pools: Pools): PoolSession[] {
    const resource = pools.byName.get(this.#pool)?.byName.get(this.#resource);
    if (this.#returned === undefined) {
      this.#slotCount = resource?.slotCount ?? 0;
      this.#returned = new Uint8Array((this.#slotCount >> 3) + 1);
    }
    const batch: PoolSession[] = [];
    // Doubles the batch each time, so that the cursor outruns clients that add to the list.
    if (this.#visits > ROUNDS_MAX * this.#slotCount) this.#visitsPerBatch *= 2;
    const end = this.#visits + this.#visitsPerBatch;
    // Without a position, start again: sessions that were returned already are skipped.
    let last = this.#position(pools);
    let session = last === undefined ? resource?.oldest : last.younger;
    for (; session !== undefined && this.#visits < end; session = session.younger) {
      this.#visits++;
      if (this.#markReturned(session.slot)) batch.push(session);
      last = session;
    }
    this.#isDone = session === undefined;
    if (!this.#isDone) this.#setPosition(last!);
    return batch;
  }

  #setPosition(last: PoolSession): void {
    this.#last = new WeakRef(last);
    this.#lastContactNumber = last.contactNumber;
  }

  /** Returns the session visited last, if it has not moved or ended. */
  #position({ byName }: Pools): PoolSession | undefined {
    const last = this.#last?.deref();
    if (last === undefined || last.contactNumber !== this.#lastContactNumber) return undefined;
    return byName.get(this.#pool)?.sessions.get(last.consumer) === last ? last : undefined;
  }

  /**
   * Marks the session in a slot as returned. Returns false if it was returned before, or if the
   * slot is newer than the cursor.
   */
  #markReturned(slot: number): boolean {
    if (slot >= this.#slotCount) return false;
    const [byte, bit] = [slot >> 3, 1 << (slot & 7)];
    if ((this.#returned![byte]! & bit) !== 0) return false;
    this.#returned![byte]! |= bit;
    return true;
  }
}
