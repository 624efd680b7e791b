/** The claims of refusals: holders, wait queues and cycles that block a request. */
import { listOf, readLine, valueOf } from "../../../lib/wire/extended.ts";
import type { Claim } from "./claim.ts";
import { BLUR_MS } from "./tolerances.ts";
import { modeOf } from "./event_matching.ts";
import { connectionOf, type Op } from "./types.ts";
import type { Hold } from "./history_model.ts";

/** Compares the model with `busy`: its holder and its number of waiters. A timeout has the same. */
export function busyMismatch(op: Op): Claim["mismatch"] {
  const line = readLine(op.received!.text)!;
  const name = valueOf(line, "name");
  return (model) => {
    const unfree = op.names.find((name) =>
      model.isBlocked(op, name) || model.waitersAhead(op, name).length > 0
    );
    if (unfree === undefined) return line.word === "busy" ? "all names were free" : undefined;
    if (op.names.length > 1 && name !== unfree) return `${unfree} was not free`;
    const lock = model.lock(unfree);
    if (Number(valueOf(line, "queue")) !== lock.queue.length) return `${lock.queue.length} waited`;
    const holds = lock.holds.filter(({ connection }) => connection !== op.connection);
    const holder = valueOf(line, "holder");
    if (holder === undefined) {
      return model.isBlocked(op, unfree) ? "it was held" : undefined;
    }
    const since = Number(valueOf(line, "since"));
    const why = valueOf(line, "why");
    // The holder may have set a new one at an unknown time. Glockd commands have none.
    const isWhyRight = why === undefined || model.ops[Number(why.slice(1))]?.names.includes(unfree);
    const isReported = ({ connection, formerConnections, sinceMs }: Hold): boolean =>
      [connection, ...formerConnections].includes(connectionOf(holder)) &&
      Math.abs(since - sinceMs) <= BLUR_MS;
    const blockers = lock.blockers(op.connection, modeOf(op), op.options.max);
    const candidates = blockers.length > 0 ? blockers : holds;
    if (isWhyRight && candidates.some(isReported)) return undefined;
    return `it was held by ${
      candidates.map(({ connection, sinceMs }) => `${connection} since ${sinceMs}`).join(", ") ||
      "no connection"
    }`;
  };
}

/** Compares the model with `deadlock`: each connection of the cycle waits for the next one. */
export function deadlockMismatch(op: Op): Claim["mismatch"] {
  const cycle = listOf(readLine(op.received!.text)!, "cycle").map(connectionOf);
  return (model) => {
    if (cycle[0] !== op.connection || cycle.length < 2) {
      return "the cycle must begin with the refused connection";
    }
    for (const [i, connection] of cycle.entries()) {
      const request = i === 0 ? op : model.waiting.get(connection)?.op;
      if (request === undefined) return `${connection} did not wait`;
      const next = cycle[(i + 1) % cycle.length]!;
      if (model.waitsFor(request, false).has(next)) continue;
      // A waiter that would be behind the refused request would wait for it.
      const priorities = model.waiting.get(connection)?.priorities;
      const isBehind = next === op.connection &&
        op.names.some((name) => model.priorityOf(op, name) > (priorities?.get(name) ?? Infinity));
      if (!isBehind) return `${connection} did not wait for ${next}`;
    }
    return undefined;
  };
}
