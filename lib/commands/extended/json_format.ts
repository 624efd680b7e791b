/** Locks and events as JSON. Contract: docs/protocol/extended.md, "Inspection" and "Watching". */
import type { Context } from "../../dispatch/context.ts";
import type { Registry } from "../../dispatch/registry.ts";
import type { LockEvent } from "../../state/locks/event_log.ts";
import type { HoldView, LockView } from "../../state/locks/inspect.ts";
import type { LockWaiter } from "../../state/locks/model.ts";
import { byteText, plainText } from "../../wire/bytes.ts";
import { escape } from "../../wire/escapes.ts";
import { writeLine } from "../../wire/extended.ts";

/** The keys of an object; a key whose value is undefined is omitted. */
type Fields = Readonly<Record<string, string | number | true | undefined>>;

/** Returns JSON of one character per byte; bytes that are not valid UTF-8 become U+FFFD. */
function json(value: string | number | true): string {
  if (typeof value !== "string") return String(value);
  // Most strings are plain ASCII and need no conversion.
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

/** Yields the view of a lock as JSON, in parts, escaped for a reply. */
export function* viewJson(view: LockView, context: Context): Iterable<string> {
  const { name, holds, waiters } = view;
  const firstHold = holds[0];
  const mode = firstHold === undefined ? "" : `"mode":${json(firstHold.mode)},`;
  yield escape(`{"name":${json(name)},${mode}"holders":[`);
  yield* list(holds, (hold) => holdJson(hold, context));
  yield escape(`],"queue":[`);
  yield* list(waiters, (waiter) => waiterJson(waiter, context));
  yield escape("]}");
}

function* list<T>(items: readonly T[], jsonOf: (item: T) => string): Iterable<string> {
  for (const [i, item] of items.entries()) yield escape((i === 0 ? "" : ",") + jsonOf(item));
}

function holdJson(hold: HoldView, { registry, program: { clock } }: Context): string {
  const { holder, mode, token, sinceMs, why, leaseEndMs, isAbsent } = hold;
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

/** Returns the line that reports an event. */
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
