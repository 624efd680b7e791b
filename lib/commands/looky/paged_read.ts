/**
 * Looks at the pools that are each short, so that others are served between them, and the names that
 * a display goes through.
 */
import { LISTING_BATCH_MAX } from "../../limits.ts";
import type { Clock } from "../../clock.ts";
import type { Context } from "../../dispatch/command.ts";
import { MadeWalk } from "../../state/pools/listing.ts";
import type { Pools } from "../../state/pools/model.ts";
import { SortedRuns } from "../../collections/sorted_runs.ts";

/** When a look was taken, and how its moments read. */
export interface ReadTime {
  readonly nowMs: number;
  readonly clock: Clock;
}

/** One look at the pools. */
export type PagedRead = <R>(see: (pools: Pools, moment: ReadTime) => R) => R;

/** Stands for time to breathe where there is no fact yet. */
export const PAUSE = undefined;

/** The looks of one session. */
export function looker({ engine, program: { clock } }: Context): PagedRead {
  return (see) => {
    const seen = engine.read("pools", ({ pools }, { nowMs }) => see(pools, { nowMs, clock }));
    // A reply's pieces are words, not promises of them: that is for an engine to come.
    if (seen instanceof Promise) throw new Error("A listing needs an engine that answers at once");
    return seen;
  };
}

/** The names of all pools, by code point. */
export function* poolNames(look: PagedRead): Generator<typeof PAUSE, SortedRuns> {
  const names = new SortedRuns();
  const walk = look((pools) => new MadeWalk(pools));
  for (; !walk.isOver; yield PAUSE) {
    for (const { name } of look(({ list }) => walk.next(list))) names.add(name);
  }
  return names;
}

/** The names of all resources, by code point. */
export function* resourceNames(look: PagedRead): Generator<typeof PAUSE, SortedRuns> {
  const names = new SortedRuns();
  // What is added while a map is read comes behind what was there, or where it was not long ago. So
  // what was there is read long before this many are, and adding without end does not matter.
  let left = look(({ resources }) => 2 * resources.size + 1000);
  const all = look(({ resources }) => resources[Symbol.iterator]());
  for (let run = LISTING_BATCH_MAX; run === LISTING_BATCH_MAX && left > 0; left -= run) {
    const met = look(() => [...firstOf(LISTING_BATCH_MAX, all)]);
    for (const [name] of met) names.add(name);
    run = met.length;
    yield PAUSE;
  }
  return names;
}

/** The pool that is named, or all that there are. */
export function* poolsFor(
  look: PagedRead,
  name: string | undefined,
): Generator<typeof PAUSE, Iterable<string>> {
  return name === undefined ? yield* poolNames(look) : [name];
}

/** Some at a time. */
export function* chunks<T>(members: Iterable<T>): Iterable<T[]> {
  let chunk: T[] = [];
  for (const member of members) {
    if (chunk.push(member) < LISTING_BATCH_MAX) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The first few; an iterator can go on behind them. */
export function* firstOf<T>(count: number, members: Iterable<T> | Iterator<T>): Iterable<T> {
  const all = Symbol.iterator in members ? members[Symbol.iterator]() : members;
  for (; count > 0; count--) {
    const { value, done } = all.next();
    if (done) return;
    yield value;
  }
}
