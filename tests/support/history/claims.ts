/**
 * What replies claim that no event goes with: a refusal, a look, a renewal. Clients know only that
 * it was so at some moment between asking and hearing, so a claim stands if there was one such
 * moment, whatever the order of what happened meanwhile.
 */
import { listOf, readLine, valueOf } from "../../../lib/wire/extended.ts";
import { about, type Claim, expect } from "./claim.ts";
import { described, inspected, listed } from "./looks.ts";
import { STALE_MS } from "./margins.ts";
import { isPhrase, modeOf } from "./pairing.ts";
import { busy, deadlock } from "./refusals.ts";
import type { Reply } from "./replies.ts";
import { type Op, type Table, tableOf } from "./types.ts";
import type { Holding, World } from "./world.ts";

/** What a reply without events claims. Throws for a reply that is none of those to that request. */
export function claimsOf(op: Op, reply: Reply): Claim[] {
  if (op.verb === "list" && isPhrase(reply, "listed")) return listed(op);
  const claim = claimOf(op, reply);
  return claim === undefined ? [] : [claim];
}

function claimOf(op: Op, reply: Reply): Claim | undefined {
  if (reply.word === "none") return undefined;
  if (reply.word === "acquired") return heldAlready(op, reply);
  if (reply.word === "released") return undefined; // the pairing has counted its events
  const { phrase } = reply;
  switch (op.verb) {
    case "acquire":
      return refusedAcquire(op, phrase);
    case "release":
    case "r":
    case "sr":
      expect(phrase, ["not-held", "Release Failure"]);
      return notHeld(op);
    case "renew":
      expect(phrase, ["renewed", "not-held"]);
      return phrase === "renewed" ? renewed(op) : notHeld(op);
    case "g":
      expect(phrase, ["Get Failure"]);
      return about(op, (world) => isTaken(world, op) ? undefined : "it was free, or one's own");
    case "i":
    case "si":
      return inspected(op, phrase);
    case "describe":
      expect(phrase, ["described", "unlocked"]);
      return described(op);
    case "force":
      expect(phrase, ["unlocked"]);
      return about(
        op,
        ({ locks }) => locks.get(op.names[0]!)?.holdings.length ? "somebody held it" : undefined,
      );
    case "resume":
      expect(phrase, ["resumed", "gone"]);
      return phrase === "resumed" ? resumed(op) : gone(op);
    default:
      expect(phrase, ["ok", "pong", "version", "deadline"]);
      return undefined;
  }
}

function isTaken(world: World, { life, names }: Op): boolean {
  return world.lock(names[0]!).blockers(life, "exclusive", undefined).length > 0;
}

/** `acquired` without a grant: it is held in that mode already, with the same token. */
function heldAlready(op: Op, reply: Reply & { word: "acquired" }): Claim {
  const { mode, table } = held(op);
  const find = (world: World, name: string) => world.lock(name).heldBy(op.life, table);
  const denial = (world: World): string | undefined => {
    for (const [i, name] of op.names.entries()) {
      const holding = find(world, name);
      if (holding === undefined) return `${name} was granted, and no event tells of it`;
      if (holding.mode !== mode && op.verb === "acquire") {
        return `${name} was held as ${holding.mode}`;
      }
      if (reply.token !== undefined && holding.token !== reply.token) {
        return `${name} was held with token ${holding.token}`;
      }
      const count = table === "shared" ? world.lock(name).shared.length : 1;
      if (reply.counts[i] !== count) return `${name} had ${count} holders`;
    }
    return undefined;
  };
  return about(op, denial, (world) => {
    const { lease, grace } = op.options;
    for (const name of op.names) {
      const holding = find(world, name)!;
      if (lease !== undefined) holding.lease = leaseOf(op, lease);
      if (grace !== undefined) holding.grace = grace;
    }
  });
}

function held(op: Op): { mode: Holding["mode"]; table: Table } {
  const mode = op.verb === "sg" ? "shared" : modeOf(op);
  return { mode, table: tableOf(mode) };
}

/** When a lease ends that was begun somewhen between asking and hearing. */
function leaseOf({ sent, got }: Op, lease: number): { first: number; last: number } {
  return { first: sent.ms + lease - STALE_MS, last: (got?.ms ?? Infinity) + lease };
}

function renewed(op: Op): Claim {
  const holdings = (world: World) =>
    world.lock(op.names[0]!).holdings.filter(({ life }) => life === op.life);
  return about(
    op,
    (world) => holdings(world).length > 0 ? undefined : "it was not held",
    (world) => {
      for (const holding of holdings(world)) holding.lease = leaseOf(op, op.options.lease!);
    },
  );
}

function notHeld(op: Op): Claim {
  const line = readLine(op.got!.text);
  const told = op.verb === "release" && line !== undefined ? listOf(line, "names") : op.names;
  const tables: readonly Table[] = op.verb === "r"
    ? ["exclusive"]
    : op.verb === "sr"
    ? ["shared"]
    : op.options.mode === undefined
    ? ["exclusive", "shared"]
    : [tableOf(modeOf(op))];
  return about(op, (world) => {
    const lacking = op.names.filter((name) =>
      tables.every((table) => world.lock(name).heldBy(op.life, table) === undefined)
    );
    return lacking.join() === told.join() ? undefined : `not held: ${lacking.join(", ") || "none"}`;
  });
}

function refusedAcquire(op: Op, phrase: string): Claim {
  expect(phrase, ["busy", "deadlock"]);
  return phrase === "busy" ? about(op, busy(op)) : { op, names: "all", denial: deadlock(op) };
}

/** As many as it says were kept for that session, and are the new connection's from then on. */
function resumed(op: Op): Claim {
  const count = Number(valueOf(readLine(op.got!.text)!, "count"));
  const target = op.options.target!;
  const kept = (world: World) => world.holdingsOf(target).filter(({ grace }) => grace > 0);
  return {
    op,
    names: "all",
    denial: (world) => {
      if (op.options.rightSecret === false) return "the secret was a wrong one";
      if (!world.ended.has(target)) return `${target} was alive`;
      const { length } = kept(world);
      return length === count ? undefined : `${length} were kept`;
    },
    follow: (world) => {
      for (const holding of kept(world)) world.hand(holding, op.life);
    },
  };
}

function gone(op: Op): Claim {
  if (op.options.rightSecret === false) return { op, names: [], denial: () => undefined };
  return {
    op,
    names: "all",
    denial: (world) => {
      const kept = world.holdingsOf(op.options.target!).filter(({ grace }) => grace > 0);
      return kept.length === 0 ? undefined : `${kept.length} were kept`;
    },
  };
}
