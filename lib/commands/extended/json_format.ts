/** Locks and events as JSON. Contract: docs/protocol/extended.md, "Looking" and "Watching". */
import type { Context } from "../../dispatch/command.ts";
import type { Registry } from "../../dispatch/registry.ts";
import type { LockEvent } from "../../state/locks/event_log.ts";
import type { HoldingView, LockView } from "../../state/locks/inspect.ts";
import type { LockWaiter } from "../../state/locks/lock_request.ts";
import { byteText, plainText } from "../../wire/bytes.ts";
import { escape } from "../../wire/escapes.ts";
import { writeLine } from "../../wire/extended.ts";

/** Undefined stands for a key that is left out. */
type Fields = Readonly<Record<string, string | number | true | undefined>>;

/** Text of one character a byte; what is no UTF-8 in it becomes U+FFFD. */
function json(value: string | number | true): string {
  if (typeof value !== "string") return String(value);
  // Most names are plain, and need no way through two codecs.
  return /^[\x20-\x7e]*$/.test(value)
    ? JSON.stringify(value)
    : byteText(JSON.stringify(plainText(value)));
}

function object(fields: Fields): string {
  const members: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) members.push(`"${key}":${json(value)}`);
  }
  return `{${members.join(",")}}`;
}

/** One name as JSON in pieces, each as it stands in a reply. */
export function* viewJson(view: LockView, context: Context): Iterable<string> {
  const { name, holdings, waiters } = view;
  const first = holdings[0];
  const mode = first === undefined ? "" : `"mode":${json(first.mode)},`;
  yield escape(`{"name":${json(name)},${mode}"holders":[`);
  yield* list(holdings, (holding) => holdingJson(holding, context));
  yield escape(`],"queue":[`);
  yield* list(waiters, (waiter) => waiterJson(waiter, context));
  yield escape("]}");
}

function* list<T>(items: readonly T[], jsonOf: (item: T) => string): Iterable<string> {
  for (const [i, item] of items.entries()) yield escape((i === 0 ? "" : ",") + jsonOf(item));
}

function holdingJson(holding: HoldingView, { registry, program: { clock } }: Context): string {
  const { holder, mode, token, sinceMs, why, leaseEndMs, isAbsent } = holding;
  return object({
    name: registry.labelOfParty(holder),
    address: registry.addressOfParty(holder),
    mode,
    token,
    since: clock.unixMs(sinceMs),
    why: why || undefined,
    lease: leaseEndMs === Infinity ? undefined : Math.max(0, leaseEndMs - clock.nowMs),
    absent: isAbsent ? true : undefined,
  });
}

function waiterJson(waiter: LockWaiter, { registry, program: { clock } }: Context): string {
  const { holder, sinceMs, request } = waiter;
  return object({
    name: registry.labelOfParty(holder),
    address: registry.addressOfParty(holder),
    mode: request.mode,
    waited: Math.max(0, clock.nowMs - sinceMs),
    priority: request.priority,
    why: request.why || undefined,
  });
}

/** The line that tells of an event. */
export function writeEvent(
  event: LockEvent,
  registry: Registry,
  unixMs: (ms: number) => number,
): string {
  const { kind, name } = event;
  const json = object({ event: kind, name, ...detailsOf(event, registry), at: unixMs(event.atMs) });
  return writeLine("*", "event", { json });
}

function detailsOf(event: LockEvent, registry: Registry): Fields {
  if (event.kind === "force") {
    return {
      by: registry.labelOfParty({ owner: event.by, departed: undefined }),
      why: event.why,
      count: event.count,
    };
  }
  const { mode } = event;
  const holder = registry.labelOfParty(event.holder);
  const address = registry.addressOfParty(event.holder);
  switch (event.kind) {
    case "acquire": {
      const { token, waitedMs, why } = event;
      return { mode, token, holder, address, why: why || undefined, waited: waitedMs };
    }
    case "release":
      return { mode, token: event.token, holder, address, cause: event.ending };
    case "wait":
      return { mode, holder, address, queue: event.queue, why: event.why || undefined };
    case "timeout":
    case "leave":
      return { mode, holder, address, waited: event.waitedMs };
  }
}
