/** What must be true of a lock table with those who wait, and the same thing from it and from its model. */
import type { LockStore } from "../../lib/state/locks/rules.ts";
import { inspect } from "../../lib/state/locks/inspect.ts";
import type { Granted, PendingOutcome, WaitListener } from "../../lib/state/locks/lock_request.ts";
import { assert, assertEquals } from "./assert.ts";
import { WaitsFor } from "./waiting_graph.ts";
import type { WaitingModel } from "./waiting_model.ts";
import type { ModelOutcome } from "./waiting_values.ts";

type Outcome = PendingOutcome["outcome"] | { readonly kind: string };

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

export function plainNews({ listener, outcome }: PendingOutcome): [WaitListener, ModelOutcome] {
  return [listener, plainOutcome(outcome)];
}

/** A name as those see it who look. */
export function viewOf(locks: LockStore, name: string): unknown {
  const view = inspect(locks, name);
  if (view === undefined) return undefined;
  const holdings = view.holdings.map((it) => ({ ...it, holder: it.holder.owner }));
  const waiters = view.waiters.map(({ holder: { owner }, sinceMs, request: wish }) => ({
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
  locks: LockStore,
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
    for (const nature of [queue.wantingSeveral, queue.blockedByExclusive, queue.blockedByShared]) {
      for (const place of nature) assert(place.waiter.entries.includes(place), message);
    }
  }
  const dues = model.waiters.filter(({ endMs }) => endMs < Infinity).length +
    model.holdings.filter((it) => Math.min(it.leaseEndMs, it.graceEndMs) < Infinity).length;
  if (isSwept) assertEquals(locks.timers.size, dues, message);
  else assert(locks.timers.size >= dues, message);
  assertEquals(locks.orphans, model.orphans, message);
  assert(model.servable() === undefined, message);
  const graph = new WaitsFor(model);
  for (const party of graph.parties) assert(!graph.hasCycle(party), `${message}: a circle`);
}
