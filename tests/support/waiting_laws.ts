/** What must be true of a lock table with those who wait, and the same thing from it and from its model. */
import type { Locks } from "../../lib/state/locks.ts";
import { lookAt } from "../../lib/state/looking.ts";
import type { Ear, Granted, News } from "../../lib/state/waiter.ts";
import { assert, assertEquals } from "./assert.ts";
import { WaitsFor } from "./waiting_graph.ts";
import type { WaitingModel } from "./waiting_model.ts";
import type { ModelOutcome } from "./waiting_values.ts";

type Outcome = News["outcome"] | { readonly kind: string };

/** An outcome with the numbers of sessions in place of their records. */
export function plainOutcome(outcome: Outcome): ModelOutcome {
  if (isGranted(outcome)) {
    const previous = outcome.previous.map(({ ending, previous }) => ({
      ending,
      owner: previous?.owner,
    }));
    return { ...outcome, previous };
  }
  if (outcome.kind === "deadlock") return { kind: "deadlock" };
  if ("busy" in outcome) return { ...outcome, busy: plainOutcome(outcome.busy) };
  if ("holder" in outcome) {
    const holder = (outcome.holder as { owner: number } | undefined)?.owner;
    return { ...outcome, holder };
  }
  return { ...outcome };
}

function isGranted(outcome: Outcome): outcome is Granted {
  return outcome.kind === "acquired";
}

export function plainNews({ ear, outcome }: News): [Ear, ModelOutcome] {
  return [ear, plainOutcome(outcome)];
}

/** A name as those see it who look. */
export function viewOf(locks: Locks, name: string): unknown {
  const view = lookAt(locks, name);
  if (view === undefined) return undefined;
  const holdings = view.holdings.map((it) => ({ ...it, holder: it.holder.owner }));
  const waiters = view.waiters.map(({ holder: { owner }, sinceMs, wish }) => ({
    owner,
    sinceMs,
    wish,
  }));
  return { name, holdings, waiters };
}

export function modelView(model: WaitingModel, name: string): unknown {
  const holdings = [false, true].flatMap((isShared) => model.of(name, isShared)).map((it) => {
    const { party, mode, token, sinceMs, why, leaseEndMs } = it;
    return {
      holder: party.owner,
      mode,
      token,
      sinceMs,
      why,
      leaseEndMs,
      isAbsent: party.absent !== undefined,
    };
  });
  const waiters = model.queueOf(name).map(({ party: { owner }, sinceMs, wish }) => ({
    owner,
    sinceMs,
    wish,
  }));
  return holdings.length + waiters.length === 0 ? undefined : { name, holdings, waiters };
}

/** @param isSwept whether nothing is left of those who have gone. */
export function assertWaitingLaws(
  locks: Locks,
  model: WaitingModel,
  isSwept: boolean,
  message: string,
): void {
  assertEquals(locks.waiting, model.waiters.length, message);
  const waiting = [...locks.holders.values()].filter(({ waiter }) => waiter !== undefined);
  assertEquals(waiting.length, locks.waiting, message);
  // Who waits and holds something is known; who has lost it meanwhile does no harm there.
  for (const holder of locks.waitingHolders) assert(holder.waiter !== undefined, message);
  for (const holder of waiting) {
    const holds = holder.exclusive.size + (holder.shared?.size ?? 0) > 0;
    assert(!holds || locks.waitingHolders.has(holder), message);
  }
  const queued = Array.from(locks.queues, ([name, queue]) => `${name} ${queue.size}`);
  const names = new Set(model.waiters.flatMap(({ wish }) => wish.names));
  assertEquals(
    queued.toSorted(),
    [...names].map((name) => `${name} ${model.queueOf(name).length}`).toSorted(),
    message,
  );
  for (const [, queue] of locks.queues) {
    for (const nature of [queue.wide, queue.mindExclusive, queue.mindShared]) {
      for (const place of nature) assert(place.waiter.places.includes(place), message);
    }
  }
  const dues = model.waiters.filter(({ endMs }) => endMs < Infinity).length +
    model.holdings.filter((it) => Math.min(it.leaseEndMs, it.graceEndMs) < Infinity).length;
  if (isSwept) assertEquals(locks.agenda.size, dues, message);
  else assert(locks.agenda.size >= dues, message);
  assertEquals(locks.orphans, model.orphans, message);
  assert(model.servable() === undefined, message);
  const graph = new WaitsFor(model);
  for (const party of graph.parties) assert(!graph.hasCycle(party), `${message}: a circle`);
}
