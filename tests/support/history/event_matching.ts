/**
 * Assigns events to requests. The server runs the requests of a connection in order, so their
 * events come in the same order: each event belongs to the first request that it matches. What
 * remains on either side is a problem: an event without a request, or a reply without its event.
 */
import { type Reply, replyOf } from "./replies.ts";
import {
  connectionOf,
  describeEvent,
  describeOp,
  type History,
  type Op,
  tableOf,
  type WatchEvent,
} from "./types.ts";

export interface EventMatching {
  /** By the index of the event; undefined if no request caused it, as for an expiry. */
  readonly opOf: readonly (Op | undefined)[];
  /** The indices of the events of a request, in ascending order. */
  readonly eventsOf: ReadonlyMap<Op, readonly number[]>;
  readonly replies: ReadonlyMap<Op, Reply>;
  readonly problems: readonly string[];
}

/** Assigns the events of a history to its requests. */
export function matchEvents(history: History): EventMatching {
  const problems: string[] = [];
  const replies = readReplies(history.ops, problems);
  const opOf: (Op | undefined)[] = history.events.map(() => undefined);
  const eventsOf = new Map<Op, number[]>();
  const opsOf = Map.groupBy(history.ops, ({ connection }) => connection);
  for (const [connection, indices] of ownEvents(history.events)) {
    const ops = opsOf.get(connection);
    if (ops === undefined) {
      const index = indices[0]!;
      problems.push(`${describeEvent(history.events[index]!, index)}: no connection has that name`);
      continue;
    }
    let at = 0;
    for (const index of indices) {
      const event = history.events[index]!;
      let found = at;
      let op = ops[found];
      while (op !== undefined && !matches(event, op, replies.get(op)!, eventsOf.get(op), history)) {
        op = ops[++found];
      }
      if (op === undefined) {
        problems.push(
          `${describeEvent(event, index)}: ${connection} has not sent a matching request`,
        );
        continue;
      }
      at = found;
      opOf[index] = op;
      const events = eventsOf.get(op);
      if (events === undefined) eventsOf.set(op, [index]);
      else events.push(index);
    }
  }
  for (const op of history.ops) {
    const missing = missingEvent(op, replies.get(op)!, eventsOf.get(op) ?? [], history.events);
    if (missing !== undefined) problems.push(`${describeOp(op)}: ${missing}`);
  }
  return { opOf, eventsOf, replies, problems };
}

function readReplies(ops: readonly Op[], problems: string[]): Map<Op, Reply> {
  const replies = new Map<Op, Reply>();
  for (const op of ops) {
    try {
      replies.set(op, replyOf(op));
    } catch (error) {
      problems.push(`${describeOp(op)}: ${error instanceof Error ? error.message : error}`);
      replies.set(op, { word: "none" });
    }
  }
  return replies;
}

/** Returns the indices of the events that requests of each connection caused, by its name. */
function ownEvents(events: readonly WatchEvent[]): Map<string, number[]> {
  const own = new Map<string, number[]>();
  events.forEach((event, index) => {
    const holder = event.event === "force" ? event.by : event.holder;
    if (event.event === "release" && event.cause !== "released") return;
    const connection = connectionOf(holder ?? "");
    const indices = own.get(connection);
    if (indices === undefined) own.set(connection, [index]);
    else indices.push(index);
  });
  return own;
}

function matches(
  event: WatchEvent,
  op: Op,
  reply: Reply,
  earlier: readonly number[] = [],
  { events }: History,
): boolean {
  if (!op.names.includes(event.name)) return false;
  if (earlier.some((i) => events[i]!.event === event.event && isSameLock(events[i]!, event))) {
    return false;
  }
  switch (event.event) {
    case "wait":
      return op.verb === "acquire" && event.why === `#${op.id}` && modeOf(op) === event.mode &&
        (reply.word !== "other" || ["timeout", "deadlock"].includes(reply.phrase));
    case "timeout":
      return op.verb === "acquire" && (reply.word === "none" || hasPhrase(reply, "timeout"));
    case "leave":
      // A waiter that loses what it held can close a cycle by that.
      return op.verb === "acquire" && (reply.word === "none" || hasPhrase(reply, "deadlock"));
    case "acquire":
      if (reply.word !== "acquired" && reply.word !== "none") return false;
      if (op.verb === "acquire") return event.why === `#${op.id}` && modeOf(op) === event.mode;
      if (reply.word === "acquired" && reply.again === "yes") return false;
      return event.why === undefined &&
        (op.verb === "g" && event.mode === "exclusive" ||
          op.verb === "sg" && event.mode === "shared");
    case "release": {
      if (reply.word !== "released" && reply.word !== "none") return false;
      if (reply.word === "released" && earlier.length >= reply.count) return false;
      const table = tableOf(event.mode!);
      if (op.verb === "release") return op.options.mode === undefined || modeOf(op) === table;
      return op.verb === (table === "exclusive" ? "r" : "sr");
    }
    case "force":
      return op.verb === "force" && (reply.word === "none" || hasPhrase(reply, "forced"));
  }
}

function isSameLock(one: WatchEvent, other: WatchEvent): boolean {
  return one.name === other.name && one.mode === other.mode;
}

/** Describes what the reply reports and the events do not; undefined if they agree. */
function missingEvent(
  op: Op,
  reply: Reply,
  indices: readonly number[],
  events: readonly WatchEvent[],
): string | undefined {
  const count = (kind: WatchEvent["event"]): number =>
    indices.filter((index) => events[index]!.event === kind).length;
  if (reply.word === "acquired") {
    const all = count("acquire");
    if (all > 0 && all < op.names.length) return `only ${all} of its names were granted`;
    if (all > 0) return undefined;
    if (reply.again === "no") return "no event reports that grant";
    if (reply.waited > 0 || count("wait") > 0) return "it waited, but no event reports its grant";
  }
  if (reply.word === "released") {
    if (count("release") !== reply.count) return `${count("release")} release events came`;
    const left = op.names.filter((name) => !indices.some((index) => events[index]!.name === name));
    if (left.length > 0) return `no event reports the release of ${left.join(", ")}`;
  }
  if (hasPhrase(reply, "timeout") && count("timeout") !== op.names.length) {
    return `${count("timeout")} timeout events came`;
  }
  if (hasPhrase(reply, "deadlock") && count("leave") !== count("wait")) {
    return "it waited, but no event reports that its wait ended";
  }
  if (hasPhrase(reply, "forced") && count("force") !== 1) return "no event reports the force";
  return undefined;
}

export function hasPhrase(reply: Reply, phrase: string): boolean {
  return reply.word === "other" && reply.phrase === phrase;
}

export function modeOf({ options }: Op): NonNullable<Op["options"]["mode"]> {
  return options.mode ?? "exclusive";
}
