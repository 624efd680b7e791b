/** Invariants of a lock table with waiters, and comparable views of the table and of its model. */
import { inspect } from "../../lib/state/locks/inspect.ts";
import type { Granted, PendingOutcome, WaitListener } from "../../lib/state/locks/outcome.ts";
import type { LockStore } from "../../lib/state/locks/store.ts";
import { assert, assertEquals } from "./assert.ts";
import { WaitGraph } from "./waiting_graph.ts";
import type { WaitingModel } from "./waiting_model.ts";
import type { ModelOutcome } from "./waiting_types.ts";

type Outcome = PendingOutcome["outcome"] | { readonly kind: string };

/** Returns an outcome with owner numbers in place of parties. */
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

export function plainPending({ listener, outcome }: PendingOutcome): [WaitListener, ModelOutcome] {
  return [listener, plainOutcome(outcome)];
}

/** Returns a name as `describe` shows it. */
export function viewOf(locks: LockStore, name: string): unknown {
  const view = inspect(locks, name);
  if (view === undefined) return undefined;
  const holds = view.holds.map((it) => ({ ...it, holder: it.holder.owner }));
  const waiters = view.waiters.map(({ holder: { owner }, sinceMs, request }) => ({
    owner,
    sinceMs,
    request,
  }));
  return { name, holds, waiters };
}

export function modelView(model: WaitingModel, name: string): unknown {
  const holds = [false, true].flatMap((isShared) => model.of(name, isShared)).map((it) => {
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
  const waiters = model.queueOf(name).map(({ party: { owner }, sinceMs, request }) => ({
    owner,
    sinceMs,
    request,
  }));
  return holds.length + waiters.length === 0 ? undefined : { name, holds, waiters };
}

/** @param isClean whether `cleanUp` has removed all stale entries */
export function assertWaitingInvariants(
  locks: LockStore,
  model: WaitingModel,
  isClean: boolean,
  message: string,
): void {
  assertEquals(locks.waiterCount, model.waiters.length, message);
  const waiting = [...locks.holders.values()].filter(({ waiter }) => waiter !== undefined);
  assertEquals(waiting.length, locks.waiterCount, message);
  // A waiter that holds a lock must be in the set; one that has lost its locks may still be.
  for (const holder of locks.waitingHolders) assert(holder.waiter !== undefined, message);
  for (const holder of waiting) {
    const hasLocks = holder.exclusive.size + (holder.shared?.size ?? 0) > 0;
    assert(!hasLocks || locks.waitingHolders.has(holder), message);
  }
  const queued = Array.from(locks.queues, ([name, queue]) => `${name} ${queue.size}`);
  const names = new Set(model.waiters.flatMap(({ request }) => request.names));
  assertEquals(
    queued.toSorted(),
    [...names].map((name) => `${name} ${model.queueOf(name).length}`).toSorted(),
    message,
  );
  for (const [, queue] of locks.queues) {
    for (const entries of [queue.wantingSeveral, queue.blockedByExclusive, queue.blockedByShared]) {
      for (const entry of entries) assert(entry.waiter.entries.includes(entry), message);
    }
  }
  const timerCount = model.waiters.filter(({ endMs }) => endMs < Infinity).length +
    model.holds.filter((it) => Math.min(it.leaseEndMs, it.graceEndMs) < Infinity).length;
  if (isClean) assertEquals(locks.timers.size, timerCount, message);
  else assert(locks.timers.size >= timerCount, message);
  assertEquals(locks.orphans, model.orphans, message);
  assert(model.findGrantable() === undefined, message);
  const graph = new WaitGraph(model);
  for (const party of graph.parties) assert(!graph.hasCycle(party), `${message}: a cycle`);
}
