/**
 * The claims of replies without events: refusals, inspections, renewals. A client knows only that
 * the reply was true at some time between its request and the reply. So a claim holds if it was
 * true at any such time, in whatever order other things happened.
 */
import { listOf, readLine, valueOf } from "../../../lib/wire/extended.ts";
import { type Claim, claimOnNames, expectPhrase } from "./claim.ts";
import { described, inspected, listed } from "./inspections.ts";
import { STALE_MS } from "./tolerances.ts";
import { hasPhrase, modeOf } from "./event_matching.ts";
import { busyMismatch, deadlockMismatch } from "./refusals.ts";
import type { Reply } from "./replies.ts";
import { type Op, type Table, tableOf } from "./types.ts";
import type { HistoryModel, Hold } from "./history_model.ts";

/** Returns the claims of a reply without events. Throws `Error` if the request cannot get it. */
export function claimsOf(op: Op, reply: Reply): Claim[] {
  if (op.verb === "list" && hasPhrase(reply, "listed")) return listed(op);
  const claim = claimOf(op, reply);
  return claim === undefined ? [] : [claim];
}

function claimOf(op: Op, reply: Reply): Claim | undefined {
  if (reply.word === "none") return undefined;
  if (reply.word === "acquired") return heldAlready(op, reply);
  if (reply.word === "released") return undefined; // `matchEvents` has counted its events
  const { phrase } = reply;
  switch (op.verb) {
    case "acquire":
      return refusedAcquire(op, phrase);
    case "release":
    case "r":
    case "sr":
      expectPhrase(phrase, ["not-held", "Release Failure"]);
      return notHeld(op);
    case "renew":
      expectPhrase(phrase, ["renewed", "not-held"]);
      return phrase === "renewed" ? renewed(op) : notHeld(op);
    case "g":
      expectPhrase(phrase, ["Get Failure"]);
      return claimOnNames(
        op,
        (model) => isTaken(model, op) ? undefined : "it was free, or held by the connection itself",
      );
    case "i":
    case "si":
      return inspected(op, phrase);
    case "describe":
      expectPhrase(phrase, ["described", "unlocked"]);
      return described(op);
    case "force":
      expectPhrase(phrase, ["unlocked"]);
      return claimOnNames(
        op,
        ({ locks }) => locks.get(op.names[0]!)?.holds.length ? "it was held" : undefined,
      );
    case "resume":
      expectPhrase(phrase, ["resumed", "gone"]);
      return phrase === "resumed" ? resumed(op) : gone(op);
    default:
      expectPhrase(phrase, ["ok", "pong", "version", "deadline"]);
      return undefined;
  }
}

function isTaken(model: HistoryModel, { connection, names }: Op): boolean {
  return model.lock(names[0]!).blockers(connection, "exclusive", undefined).length > 0;
}

/** `acquired` without a grant: the connection already holds it in that mode, with that token. */
function heldAlready(op: Op, reply: Reply & { word: "acquired" }): Claim {
  const { mode, table } = held(op);
  const find = (model: HistoryModel, name: string) => model.lock(name).heldBy(op.connection, table);
  const mismatch = (model: HistoryModel): string | undefined => {
    for (const [i, name] of op.names.entries()) {
      const hold = find(model, name);
      if (hold === undefined) return `${name} was granted, but no event reports it`;
      if (hold.mode !== mode && op.verb === "acquire") {
        return `${name} was held as ${hold.mode}`;
      }
      if (reply.token !== undefined && hold.token !== reply.token) {
        return `${name} was held with token ${hold.token}`;
      }
      const count = table === "shared" ? model.lock(name).shared.length : 1;
      if (reply.counts[i] !== count) return `${name} had ${count} holders`;
    }
    return undefined;
  };
  return claimOnNames(op, mismatch, (model) => {
    const { lease, grace } = op.options;
    for (const name of op.names) {
      const hold = find(model, name)!;
      if (lease !== undefined) hold.lease = leaseOf(op, lease);
      if (grace !== undefined) hold.grace = grace;
    }
  });
}

function held(op: Op): { mode: Hold["mode"]; table: Table } {
  const mode = op.verb === "sg" ? "shared" : modeOf(op);
  return { mode, table: tableOf(mode) };
}

/** Returns when a lease ends that the server started between request and reply. */
function leaseOf({ sent, received }: Op, lease: number): { firstMs: number; lastMs: number } {
  return { firstMs: sent.ms + lease - STALE_MS, lastMs: (received?.ms ?? Infinity) + lease };
}

function renewed(op: Op): Claim {
  const holds = (model: HistoryModel) =>
    model.lock(op.names[0]!).holds.filter(({ connection }) => connection === op.connection);
  return claimOnNames(
    op,
    (model) => holds(model).length > 0 ? undefined : "it was not held",
    (model) => {
      for (const hold of holds(model)) hold.lease = leaseOf(op, op.options.lease!);
    },
  );
}

function notHeld(op: Op): Claim {
  const line = readLine(op.received!.text);
  const reported = op.verb === "release" && line !== undefined ? listOf(line, "names") : op.names;
  const tables: readonly Table[] = op.verb === "r"
    ? ["exclusive"]
    : op.verb === "sr"
    ? ["shared"]
    : op.options.mode === undefined
    ? ["exclusive", "shared"]
    : [tableOf(modeOf(op))];
  return claimOnNames(op, (model) => {
    const missing = op.names.filter((name) =>
      tables.every((table) => model.lock(name).heldBy(op.connection, table) === undefined)
    );
    return missing.join() === reported.join()
      ? undefined
      : `not held: ${missing.join(", ") || "none"}`;
  });
}

function refusedAcquire(op: Op, phrase: string): Claim {
  expectPhrase(phrase, ["busy", "deadlock"]);
  return phrase === "busy"
    ? claimOnNames(op, busyMismatch(op))
    : { op, names: "all", mismatch: deadlockMismatch(op) };
}

/** `resumed`: that number of locks was kept for the session; the new connection holds them now. */
function resumed(op: Op): Claim {
  const count = Number(valueOf(readLine(op.received!.text)!, "count"));
  const target = op.options.target!;
  const kept = (model: HistoryModel) => model.holdsOf(target).filter(({ grace }) => grace > 0);
  return {
    op,
    names: "all",
    mismatch: (model) => {
      if (op.options.rightSecret === false) return "the secret was wrong";
      if (!model.ended.has(target)) return `${target} had not ended`;
      const { length } = kept(model);
      return length === count ? undefined : `${length} locks were kept`;
    },
    apply: (model) => {
      for (const hold of kept(model)) model.transfer(hold, op.connection);
    },
  };
}

function gone(op: Op): Claim {
  if (op.options.rightSecret === false) return { op, names: [], mismatch: () => undefined };
  return {
    op,
    names: "all",
    mismatch: (model) => {
      const kept = model.holdsOf(op.options.target!).filter(({ grace }) => grace > 0);
      return kept.length === 0 ? undefined : `${kept.length} locks were kept`;
    },
  };
}
