/**
 * Which event belongs to which request. A connection's requests are carried out in order, and so
 * the events that it causes come in the order of its requests: each is laid beside the first one
 * that it fits. What is left over on either side is wrong: an event that nobody asked for, or a
 * reply that no event goes with.
 */
import { type Reply, replyOf } from "./replies.ts";
import {
  describeEvent,
  describeOp,
  type History,
  lifeOf,
  type Op,
  tableOf,
  type WatchEvent,
} from "./types.ts";

export interface Pairing {
  /** By the index of the event; undefined: nobody asked for it, as for an expiry. */
  readonly opOf: readonly (Op | undefined)[];
  /** The indices of the events of an op, rising. */
  readonly eventsOf: ReadonlyMap<Op, readonly number[]>;
  readonly replies: ReadonlyMap<Op, Reply>;
  readonly problems: readonly string[];
}

export function pair(history: History): Pairing {
  const problems: string[] = [];
  const replies = readReplies(history.ops, problems);
  const opOf: (Op | undefined)[] = history.events.map(() => undefined);
  const eventsOf = new Map<Op, number[]>();
  const opsOf = Map.groupBy(history.ops, ({ life }) => life);
  for (const [life, indices] of ownEvents(history.events)) {
    const ops = opsOf.get(life);
    if (ops === undefined) {
      const index = indices[0]!;
      problems.push(`${describeEvent(history.events[index]!, index)}: nobody has that name`);
      continue;
    }
    let at = 0;
    for (const index of indices) {
      const event = history.events[index]!;
      let found = at;
      let op = ops[found];
      while (op !== undefined && !fits(event, op, replies.get(op)!, eventsOf.get(op), history)) {
        op = ops[++found];
      }
      if (op === undefined) {
        problems.push(`${describeEvent(event, index)}: ${life} has asked for no such thing`);
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
    const lack = lacks(op, replies.get(op)!, eventsOf.get(op) ?? [], history.events);
    if (lack !== undefined) problems.push(`${describeOp(op)}: ${lack}`);
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

/** The events that a connection's own requests have caused, by its name. */
function ownEvents(events: readonly WatchEvent[]): Map<string, number[]> {
  const own = new Map<string, number[]>();
  events.forEach((event, index) => {
    const holder = event.event === "force" ? event.by : event.holder;
    if (event.event === "release" && event.cause !== "released") return;
    const life = lifeOf(holder ?? "");
    const indices = own.get(life);
    if (indices === undefined) own.set(life, [index]);
    else indices.push(index);
  });
  return own;
}

function fits(
  event: WatchEvent,
  op: Op,
  reply: Reply,
  earlier: readonly number[] = [],
  { events }: History,
): boolean {
  if (!op.names.includes(event.name)) return false;
  if (earlier.some((i) => events[i]!.event === event.event && isSame(events[i]!, event))) {
    return false;
  }
  switch (event.event) {
    case "wait":
      return op.verb === "acquire" && event.why === `#${op.id}` && modeOf(op) === event.mode &&
        (reply.word !== "other" || ["timeout", "deadlock"].includes(reply.phrase));
    case "timeout":
      return op.verb === "acquire" && (reply.word === "none" || isPhrase(reply, "timeout"));
    case "leave":
      // Whoever loses what it held while it waits, may come into a circle by that.
      return op.verb === "acquire" && (reply.word === "none" || isPhrase(reply, "deadlock"));
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
      return op.verb === "force" && (reply.word === "none" || isPhrase(reply, "forced"));
  }
}

function isSame(one: WatchEvent, other: WatchEvent): boolean {
  return one.name === other.name && one.mode === other.mode;
}

/** What a reply says that no event says; undefined when they agree. */
function lacks(
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
    if (reply.again === "no") return "no event tells of that grant";
    if (reply.waited > 0 || count("wait") > 0) return "it waited, but no event tells of its grant";
  }
  if (reply.word === "released") {
    if (count("release") !== reply.count) return `${count("release")} releases were told of`;
    const left = op.names.filter((name) => !indices.some((index) => events[index]!.name === name));
    if (left.length > 0) return `no event tells of the release of ${left.join(", ")}`;
  }
  if (isPhrase(reply, "timeout") && count("timeout") !== op.names.length) {
    return `${count("timeout")} timeouts were told of`;
  }
  if (isPhrase(reply, "deadlock") && count("leave") !== count("wait")) {
    return "it waited, and no event tells that it does so no longer";
  }
  if (isPhrase(reply, "forced") && count("force") !== 1) return "no event tells of that";
  return undefined;
}

export function isPhrase(reply: Reply, phrase: string): boolean {
  return reply.word === "other" && reply.phrase === phrase;
}

export function modeOf({ options }: Op): NonNullable<Op["options"]["mode"]> {
  return options.mode ?? "exclusive";
}
