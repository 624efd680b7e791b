/** The model of waiting for locks: departures, resumed sessions, and what ends with time. */
import type { WaitingModel } from "./waiting_model.ts";
import type { ModelHold, ModelParty, ModelWaiter } from "./waiting_types.ts";

/** Returns the names that are released, exclusive and shared. */
export function leave(
  model: WaitingModel,
  party: ModelParty,
  ending: "closed" | "lost",
  secret: string,
  withGrace: boolean,
): string[][] {
  const waiter = model.waiterOf(party);
  if (waiter !== undefined) model.waiters.splice(model.waiters.indexOf(waiter), 1);
  const absent: ModelParty = { owner: party.owner, absent: { ending, secret } };
  const released: string[][] = [[], []];
  for (const hold of model.holds.filter((it) => it.party === party)) {
    if (withGrace && hold.graceMs > 0) {
      hold.party = absent;
      hold.graceEndMs = model.nowMs + hold.graceMs;
      continue;
    }
    released[hold.isShared ? 1 : 0]!.push(hold.name);
    model.end(hold, ending);
  }
  model.completeStep();
  return released;
}

/** Returns how many holds the session has got back. */
export function resume(
  model: WaitingModel,
  party: ModelParty,
  session: number,
  secret: string,
): number | undefined {
  const graceHolds = model.holds.filter(({ party: { owner, absent } }) =>
    owner === session && absent !== undefined && absent.secret === secret
  );
  for (const hold of graceHolds) {
    const hasOne = hold.isShared && model.ownOf(party, hold.name, true) !== undefined;
    if (hasOne) model.end(hold, "released");
    else {
      hold.party = party;
      hold.graceEndMs = Infinity;
    }
  }
  model.completeStep();
  return graceHolds.length === 0 ? undefined : graceHolds.length;
}

/** Ends everything that is due, in order; grants and deadlocks come last. */
export function expireDue(model: WaitingModel): void {
  const due = (it: ModelHold) => Math.min(it.leaseEndMs, it.graceEndMs);
  for (;;) {
    const hold = model.holds.toSorted((a, b) => due(a) < due(b) ? -1 : 1)[0];
    const waiter = model.waiters.toSorted((a, b) => a.endMs < b.endMs ? -1 : 1)[0];
    const holdMs = hold === undefined ? Infinity : due(hold);
    const waiterMs = waiter?.endMs ?? Infinity;
    if (Math.min(holdMs, waiterMs) > model.nowMs) break;
    if (waiter !== undefined && waiterMs < holdMs) timeOut(model, waiter);
    else if (hold !== undefined) expire(model, hold);
  }
  model.completeStep();
}

function expire(model: WaitingModel, hold: ModelHold): void {
  const isGrace = hold.graceEndMs < hold.leaseEndMs;
  model.end(hold, isGrace ? hold.party.absent!.ending : "expired");
}

function timeOut(model: WaitingModel, waiter: ModelWaiter): void {
  const { party, request, listener, sinceMs } = waiter;
  model.waiters.splice(model.waiters.indexOf(waiter), 1);
  const busy = model.busy(party, request, model.conflict(party, request) ?? request.names[0]!);
  const waitedMs = model.nowMs - sinceMs;
  model.outcomes.push({ listener, outcome: { kind: "timeout", waitedMs, busy } });
}
