/** Having locks: acquire release renew force. Contract: docs/protocol/extended.md, "Locks". */
import { GRACE_LOCKS_MAX } from "../../limits.ts";
import {
  type Command,
  type Context,
  DeferredReply,
  type Program,
  type Reply,
} from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { acquireAll, acquireOrWait, force, releaseAll, renew } from "../../state/locks/acquire.ts";
import type { HoldMode } from "../../state/locks/lease.ts";
import type {
  AcquireRequest,
  Busy,
  LimitReached,
  WaitOutcome,
} from "../../state/locks/lock_request.ts";
import {
  HOLDERS_MAX,
  LF,
  PRIORITY_MAX,
  TIME_MS_MAX,
  WHY_BYTES_MAX,
  writeError,
  writeLine,
  writeList,
} from "../../wire/extended.ts";
import { type Asked, numbersOf, row, wholeNumber } from "./define.ts";

const MODES: readonly string[] = ["exclusive", "shared", "read", "write"] satisfies HoldMode[];
const RANGES = {
  max: [1, HOLDERS_MAX],
  priority: [-PRIORITY_MAX, PRIORITY_MAX],
  lease: [1, TIME_MS_MAX],
  grace: [0, TIME_MS_MAX],
} as const;

/** A wish and how long to wait for it, or what is wrong with it. */
function wishOf(asked: Asked): { wish: AcquireRequest; waitMs: number } | string {
  const { words: names, values } = asked;
  const mode = values.get("mode") ?? "exclusive";
  if (!isMode(mode)) return `mode is one of ${MODES.join(", ")}`;
  const numbers = numbersOf(asked, RANGES);
  if (typeof numbers === "string") return numbers;
  const { max = Infinity, priority = 0, lease: leaseMs, grace: graceMs } = numbers;
  if (max !== Infinity && (mode === "exclusive" || mode === "write")) {
    return "max is for mode=shared and mode=read; of the others there is only one";
  }
  const waitMs = waitOf(values.get("wait"));
  if (waitMs === undefined) return `wait is a whole number from 0 to ${TIME_MS_MAX}, or forever`;
  const why = values.get("why");
  if (why !== undefined && why.length > WHY_BYTES_MAX) {
    return `why is at most ${WHY_BYTES_MAX} bytes long`;
  }
  if (isOneTwice(names)) return "a name is there twice; give it once";
  return { wish: { names, mode, max, priority, leaseMs, graceMs, why }, waitMs };
}

function waitOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  return text === "forever" ? Infinity : wholeNumber(text, 0, TIME_MS_MAX);
}

function isOneTwice(names: readonly string[]): boolean {
  return names.length > 1 && new Set(names).size < names.length;
}

function isMode(text: string): text is HoldMode {
  return MODES.includes(text);
}

function acquire(asked: Asked, context: Context): Outcome<Reply> {
  const read = wishOf(asked);
  if (typeof read === "string") return writeError(read);
  const { wish, waitMs } = read;
  const { engine, owner, program, control, trace } = context;
  if (program.isDraining) return wordOutcome({ kind: "draining" }, wish, context);
  const slice = { names: wish.names };
  if (waitMs === 0) {
    const acquired = engine.change(
      slice,
      ({ locks }, time) => acquireAll(locks, owner, wish, time),
    );
    return after(acquired, (outcome) => wordOutcome(outcome, wish, context));
  }
  const later = new DeferredReply();
  const listener = {
    isConnected: () => control.isConnected(),
    onOutcome: (outcome: WaitOutcome) => later.resolve(wordOutcome(outcome, wish, context)),
  };
  const acquired = engine.change(
    slice,
    ({ locks }, time) =>
      acquireOrWait(locks, owner, wish, waitMs, program.waitingMax, listener, time),
  );
  return after(acquired, (outcome) => {
    if (outcome.kind !== "waiting") return wordOutcome(outcome, wish, context);
    trace?.(`waits for ${wish.names.join(" and ")}`);
    return later;
  });
}

const LIMITS: Readonly<Record<LimitReached["what"], (program: Program) => string>> = {
  waiting: ({ waitingMax }) => `${waitingMax} wait already, more than -max-waiters allows`,
  kept: () => `a connection may have ${GRACE_LOCKS_MAX} locks with a grace; give some back`,
  circles: () =>
    "too many wait for too much to tell whether this would be a deadlock; ask for fewer names, or later",
};

type Ended = WaitOutcome | Busy;

function wordOutcome(outcome: Ended, { names }: AcquireRequest, context: Context): string {
  const { registry, trace, program } = context;
  switch (outcome.kind) {
    case "acquired": {
      const { token, counts, previous, waitedMs } = outcome;
      for (const name of names) trace?.(`acquired ${name} with token ${token}`);
      const endings = writeList(previous.map(({ ending }) => ending));
      // Not by writeLine: no other reply is given as often.
      const line = `1 acquired token=${token} count=${writeList(counts)} waited=${waitedMs}` +
        ` previous=${endings}`;
      if (previous.every((it) => it.previous === undefined)) return line + LF;
      const holders = previous.map((it) => it.previous ? registry.labelOfParty(it.previous) : "");
      return `${line} previous-holder=${writeList(holders)}${LF}`;
    }
    case "busy":
      return writeLine("0", "busy", wordsOfBusy(outcome, names, context));
    case "timeout": {
      trace?.(`waited in vain for ${names.join(" and ")}`);
      const busy = wordsOfBusy(outcome.busy, names, context);
      return writeLine("0", "timeout", { waited: outcome.waitedMs, ...busy });
    }
    case "deadlock":
      return writeLine("0", "deadlock", {
        cycle: outcome.cycle.map((holder) => registry.labelOfParty(holder)),
      });
    case "limit":
      return writeLine("0", "limit", { message: LIMITS[outcome.what](program) });
    case "draining":
      return writeLine("0", "draining");
  }
}

function wordsOfBusy(
  { name, holder, sinceMs, why, waiting }: Busy,
  names: readonly string[],
  { registry, program }: Context,
): Record<string, string | number | undefined> {
  return {
    holder: holder && registry.labelOfParty(holder),
    since: holder && program.clock.unixMs(sinceMs),
    why: why === "" ? undefined : why,
    queue: waiting,
    name: names.length > 1 ? name : undefined,
  };
}

function release(asked: Asked, { engine, owner, trace }: Context): Outcome<Reply> {
  const { words: names, values } = asked;
  const kind = values.get("mode");
  if (kind !== undefined && kind !== "exclusive" && kind !== "shared") {
    return writeError("mode is exclusive or shared; without it, both are given back");
  }
  if (isOneTwice(names)) return writeError("a name is there twice; give it once");
  const released = engine.change(
    { names },
    ({ locks }, time) => releaseAll(locks, owner, names, kind, time),
  );
  return after(released, (outcome) => {
    if (typeof outcome !== "number") return writeLine("0", "not-held", { names: outcome });
    for (const name of names) trace?.(`released ${name}`);
    return writeLine("1", "released", { count: outcome });
  });
}

function renewLease(asked: Asked, { engine, owner }: Context): Outcome<Reply> {
  const numbers = numbersOf(asked, { lease: RANGES.lease });
  if (typeof numbers === "string") return writeError(numbers);
  const [name = ""] = asked.words;
  const renewed = engine.change(
    { names: [name] },
    ({ locks }, time) => renew(locks, owner, name, numbers.lease!, time),
  );
  return after(renewed, (done) => done ? writeLine("1", "renewed") : writeLine("0", "not-held"));
}

function forceName(asked: Asked, { engine, owner, trace }: Context): Outcome<Reply> {
  const [name = ""] = asked.words;
  const why = asked.values.get("why")!;
  if (why.length > WHY_BYTES_MAX) return writeError(`why is at most ${WHY_BYTES_MAX} bytes long`);
  const forced = engine.change(
    { names: [name] },
    ({ locks }, time) => force(locks, name, owner, why, time),
  );
  return after(forced, (count) => {
    if (count === 0) return writeLine("0", "unlocked");
    trace?.(`forced ${name} free: ${why}`);
    return writeLine("1", "forced", { count });
  });
}

export const acquiring: readonly Command[] = [
  row(
    "acquire NAME... [mode=M] [max=N] [wait=MS|forever] [priority=N] [lease=MS] [grace=MS] [why=TEXT]",
    "Have locks, all of them or none, and wait for them if asked to.",
    acquire,
  ),
  row("release NAME... [mode=exclusive|shared]", "Give locks back, all of them or none.", release),
  row("renew NAME lease=MS", "Start the lease of a lock anew.", renewLease),
  row(
    "force NAME why=TEXT",
    "End all holdings of a lock, whose ever they are.",
    forceName,
    "admin",
  ),
];
