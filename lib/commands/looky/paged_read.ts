/**
 * Reads the pools in short steps, so that other sessions are served in between, and collects the
 * names that a display iterates over.
 */
import { LISTING_BATCH_MAX } from "../../limits.ts";
import type { Clock } from "../../clock.ts";
import type { Context } from "../../dispatch/context.ts";
import { CreationCursor } from "../../state/pools/listing.ts";
import type { Pools } from "../../state/pools/model.ts";
import { SortedRuns } from "../../collections/sorted_runs.ts";

/** The time of a read, and the clock that converts it. */
export interface ReadTime {
  readonly nowMs: number;
  readonly clock: Clock;
}

/** Runs one short read of the pools. */
export type PagedRead = <R>(read: (pools: Pools, time: ReadTime) => R) => R;

/** Yielded in place of a row, so that other sessions can be served. */
export const PAUSE = undefined;

/** Returns the function that reads the pools for one session. */
export function pagedReader({ engine, program: { clock } }: Context): PagedRead {
  return (read) => {
    const result = engine.read("pools", ({ pools }, { nowMs }) => read(pools, { nowMs, clock }));
    // The parts of a reply are text, not promises of text.
    if (result instanceof Promise) {
      throw new Error("Cannot list pools: the engine answers with a promise");
    }
    return result;
  };
}

/** Returns the names of all pools, sorted by code point. */
export function* poolNames(read: PagedRead): Generator<typeof PAUSE, SortedRuns> {
  const names = new SortedRuns();
  const cursor = read((pools) => new CreationCursor(pools));
  for (; !cursor.isDone; yield PAUSE) {
    for (const { name } of read(({ list }) => cursor.next(list))) names.add(name);
  }
  return names;
}

/** Returns the names of all resources, sorted by code point. */
export function* resourceNames(read: PagedRead): Generator<typeof PAUSE, SortedRuns> {
  const names = new SortedRuns();
  // Entries that are added to the map during the iteration follow the original entries, or take the
  // place of recently removed entries. So all original entries are among the first `remaining`, and
  // the loop ends even if clients keep adding resources.
  let remaining = read(({ resources }) => 2 * resources.size + 1000);
  const entries = read(({ resources }) => resources[Symbol.iterator]());
  for (let count = LISTING_BATCH_MAX; count === LISTING_BATCH_MAX && remaining > 0;) {
    const batch = read(() => [...take(LISTING_BATCH_MAX, entries)]);
    for (const [name] of batch) names.add(name);
    count = batch.length;
    remaining -= count;
    yield PAUSE;
  }
  return names;
}

/** Returns the given name, or the names of all pools if it is undefined. */
export function* poolNamesFor(
  read: PagedRead,
  name: string | undefined,
): Generator<typeof PAUSE, Iterable<string>> {
  return name === undefined ? yield* poolNames(read) : [name];
}

/** Yields the members in arrays of at most `LISTING_BATCH_MAX`. */
export function* chunks<T>(members: Iterable<T>): Iterable<T[]> {
  let chunk: T[] = [];
  for (const member of members) {
    if (chunk.push(member) < LISTING_BATCH_MAX) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Yields at most `count` members. Leaves an iterator open, so that the caller can continue it. */
export function* take<T>(count: number, members: Iterable<T> | Iterator<T>): Iterable<T> {
  const iterator = Symbol.iterator in members ? members[Symbol.iterator]() : members;
  for (; count > 0; count--) {
    const { value, done } = iterator.next();
    if (done) return;
    yield value;
  }
}
