/**
 * Generates random requests, which depend on what the client expects to hold. Pure, except for the
 * random source that the caller passes.
 */
import { below, pick } from "../random.ts";
import { COLD, HOT, WARM } from "./lock_names.ts";
import { hasPhrase, modeOf } from "./event_matching.ts";
import type { PlannedRequest } from "./recorder.ts";
import { type Reply, replyOf } from "./replies.ts";
import { type Mode, type Op, type Options, type Table, tableOf } from "./types.ts";

type Random = () => number;

/**
 * The locks that a client expects to hold. It may have lost some to a force or an expired lease.
 */
export class ExpectedHolds {
  readonly held = new Map<string, Set<Table>>();
  /** Whether the server may keep a lock for it after its end. */
  hasGrace = false;

  /** Updates the expectation from a reply. Ignores an invalid one, which the checker reports. */
  update(op: Op): void {
    let reply: Reply;
    try {
      reply = replyOf(op);
    } catch {
      return;
    }
    const table: Table = op.verb === "sg" ? "shared" : tableOf(modeOf(op));
    if (reply.word === "acquired") {
      for (const name of op.names) this.#add(name, table);
      if (op.options.grace !== undefined) this.hasGrace = true;
    }
    const isLost = hasPhrase(reply, "not-held") || hasPhrase(reply, "Release Failure");
    if (reply.word === "released" || isLost) {
      for (const name of op.names) this.#forget(op, name);
    }
  }

  get names(): string[] {
    return [...this.held.keys()];
  }

  #add(name: string, table: Table): void {
    const tables = this.held.get(name);
    if (tables === undefined) this.held.set(name, new Set([table]));
    else tables.add(table);
  }

  #forget({ verb, options }: Op, name: string): void {
    const tables = this.held.get(name);
    if (verb === "r") tables?.delete("exclusive");
    else if (verb === "sr") tables?.delete("shared");
    else if (options.mode !== undefined) tables?.delete(tableOf(options.mode));
    else tables?.clear();
    if (tables?.size === 0) this.held.delete(name);
  }
}

const MODES: readonly Mode[] = [
  ...Array<Mode>(8).fill("exclusive"),
  ...Array<Mode>(4).fill("shared"),
  ...Array<Mode>(4).fill("read"),
  ...Array<Mode>(3).fill("write"),
];

/** Returns a random name, mostly one that many clients request. */
export function someName(random: Random): string {
  const chance = random();
  if (chance < 0.4) return pick(random, HOT);
  return chance < 0.9 ? pick(random, WARM) : pick(random, COLD);
}

function someNames(random: Random): string[] {
  const count = random() < 0.82 ? 1 : 2 + below(random, 3);
  const names = new Set<string>();
  while (names.size < count) names.add(someName(random));
  return [...names];
}

function someWait(random: Random): number | "forever" | undefined {
  const chance = random();
  if (chance < 0.4) return undefined;
  if (chance < 0.43) return 0;
  if (chance < 0.92) return 1 + below(random, 10);
  return chance < 0.95 ? 100 + below(random, 150) : "forever";
}

/** Returns a random acquire request. */
export function acquire(random: Random, names = someNames(random)): PlannedRequest {
  const mode = pick(random, MODES);
  const options: Options = {
    mode: mode === "exclusive" && random() < 0.5 ? undefined : mode,
    max: mode === "shared" && random() < 0.7 ? 1 + below(random, 4) : undefined,
    wait: someWait(random),
    priority: random() < 0.75 ? undefined : below(random, 5) - 2,
    lease: random() < 0.08 ? 1 + below(random, 40) : undefined,
    grace: random() < 0.1 ? 10 + below(random, 150) : undefined,
  };
  return { verb: "acquire", names, options };
}

function release(random: Random, { held, names }: ExpectedHolds): PlannedRequest {
  const first = names.length === 0 || random() < 0.03 ? someName(random) : pick(random, names);
  const all = new Set([first]);
  if (random() < 0.2 && names.length > 0) all.add(pick(random, names));
  const tables = [...held.get(first) ?? []];
  const mode = random() < 0.2
    ? pick(random, [...tables, "exclusive", "shared"] as const)
    : undefined;
  return { verb: "release", names: [...all], options: { mode } };
}

/** Returns a random glockd command. */
export function glockdRequest(random: Random, { held, names }: ExpectedHolds): PlannedRequest {
  const chance = random();
  if (names.length > 0 && (chance < 0.4 || names.length > 3)) {
    const name = pick(random, names);
    const verb = held.get(name)?.has("exclusive") ? "r" : "sr";
    return { verb, names: [name], options: {} };
  }
  // The reply to `sg` does not show whether it was held, so `sg` repeats only names never forced.
  const name = chance < 0.9 ? someName(random) : pick(random, WARM);
  const verb = pick(random, ["g", "g", "sg", "i", "si", "r", "sr"] as const);
  const isForced = (HOT as readonly string[]).includes(name);
  if (verb === "sg" && isForced && held.get(name)?.has("shared")) {
    return { verb: "si", names: [name], options: {} };
  }
  return { verb, names: [name], options: {} };
}

/** Returns a random request for an extended connection. */
export function nextRequest(random: Random, expected: ExpectedHolds): PlannedRequest {
  const { names } = expected;
  const chance = random();
  if (names.length > 3 || names.length > 0 && chance < 0.4) return release(random, expected);
  if (chance < 0.72) return acquire(random);
  if (chance < 0.76 && names.length > 0) { // again, as it may already be held
    return acquire(random, [pick(random, names)]);
  }
  if (chance < 0.86) return glockdRequest(random, expected);
  const name = names.length > 0 && random() < 0.8 ? pick(random, names) : someName(random);
  if (chance < 0.9) {
    return { verb: "renew", names: [name], options: { lease: 5 + below(random, 60) } };
  }
  if (chance < 0.94) return { verb: "describe", names: [someName(random)], options: {} };
  if (chance < 0.945) {
    return { verb: "list", names: random() < 0.5 ? ["h"] : [], options: {} };
  }
  if (chance < 0.955) return { verb: "force", names: [pick(random, HOT)], options: {} };
  if (chance < 0.96) return { verb: "version", names: [], options: {} };
  return chance < 0.97
    ? { verb: "release", names: [someName(random)], options: {} }
    : { verb: "ping", names: [], options: {} };
}
