/** Acquiring locks: acquire release renew force. Contract: docs/protocol/extended.md, "Locks". */
import { GRACE_LOCKS_MAX } from "../../limits.ts";
import type { Command } from "../../dispatch/command.ts";
import type { Context, Program } from "../../dispatch/context.ts";
import { DeferredReply, type Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { acquireAll, acquireOrWait, force, releaseAll, renew } from "../../state/locks/acquire.ts";
import type { AcquireRequest, HoldMode } from "../../state/locks/lock_request.ts";
import type { Busy, LimitReached, WaitOutcome } from "../../state/locks/outcome.ts";
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
import { type CommandArguments, extendedCommand, readInteger, readIntegers } from "./define.ts";

const MODES: readonly string[] = ["exclusive", "shared", "read", "write"] satisfies HoldMode[];
const RANGES = {
  max: [1, HOLDERS_MAX],
  priority: [-PRIORITY_MAX, PRIORITY_MAX],
  lease: [1, TIME_MS_MAX],
  grace: [0, TIME_MS_MAX],
} as const;

const DUPLICATE_NAME = "duplicate name; give each name once";
const WHY_TOO_LONG = `why must be at most ${WHY_BYTES_MAX} bytes long`;

/** Returns the request and its wait timeout, or an error message. */
function readAcquire(
  args: CommandArguments,
): { request: AcquireRequest; waitMs: number } | string {
  const { words: names, values } = args;
  const mode = values.get("mode") ?? "exclusive";
  if (!isMode(mode)) return `mode must be one of ${MODES.join(", ")}`;
  const numbers = readIntegers(args, RANGES);
  if (typeof numbers === "string") return numbers;
  const { max = Infinity, priority = 0, lease: leaseMs, grace: graceMs } = numbers;
  if (max !== Infinity && (mode === "exclusive" || mode === "write")) {
    return "max requires mode=shared or mode=read; the other modes have a single holder";
  }
  const waitMs = waitOf(values.get("wait"));
  if (waitMs === undefined) return `wait must be an integer from 0 to ${TIME_MS_MAX}, or forever`;
  const why = values.get("why");
  if (why !== undefined && why.length > WHY_BYTES_MAX) return WHY_TOO_LONG;
  if (hasDuplicates(names)) return DUPLICATE_NAME;
  return { request: { names, mode, max, priority, leaseMs, graceMs, why }, waitMs };
}

/** Returns the wait timeout in milliseconds; undefined when the value is malformed. */
function waitOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  return text === "forever" ? Infinity : readInteger(text, 0, TIME_MS_MAX);
}

function hasDuplicates(names: readonly string[]): boolean {
  return names.length > 1 && new Set(names).size < names.length;
}

function isMode(text: string): text is HoldMode {
  return MODES.includes(text);
}

function acquire(args: CommandArguments, context: Context): Outcome<Reply> {
  const read = readAcquire(args);
  if (typeof read === "string") return writeError(read);
  const { request, waitMs } = read;
  const { engine, owner, program, control, trace } = context;
  if (program.isDraining) return formatOutcome({ kind: "draining" }, request, context);
  const slice = { names: request.names };
  if (waitMs === 0) {
    const acquired = engine.change(
      slice,
      ({ locks }, time) => acquireAll(locks, owner, request, time),
    );
    return after(acquired, (outcome) => formatOutcome(outcome, request, context));
  }
  const deferred = new DeferredReply();
  const listener = {
    isConnected: () => control.isConnected(),
    onOutcome: (outcome: WaitOutcome) => deferred.resolve(formatOutcome(outcome, request, context)),
  };
  const acquired = engine.change(
    slice,
    ({ locks }, time) =>
      acquireOrWait(locks, owner, request, waitMs, program.waitersMax, listener, time),
  );
  return after(acquired, (outcome) => {
    if (outcome.kind !== "waiting") return formatOutcome(outcome, request, context);
    trace?.(`waits for ${request.names.join(" and ")}`);
    return deferred;
  });
}

const LIMITS: Readonly<Record<LimitReached["limit"], (program: Program) => string>> = {
  waiters: ({ waitersMax }) =>
    `too many waiting requests; -max-waiters allows ${waitersMax} on this server`,
  grace: () =>
    `too many locks with a grace; a connection may have ${GRACE_LOCKS_MAX}, so release some`,
  "deadlock search": () =>
    "too many waiting requests to check for a deadlock; request fewer names, or try again later",
};

/** Returns the reply to an `acquire` that does not wait, or no longer waits. */
function formatOutcome(
  outcome: WaitOutcome | Busy,
  { names }: AcquireRequest,
  context: Context,
): string {
  const { registry, trace, program } = context;
  switch (outcome.kind) {
    case "acquired": {
      const { token, counts, previous, waitedMs } = outcome;
      for (const name of names) trace?.(`acquired ${name} with token ${token}`);
      const endings = writeList(previous.map(({ ending }) => ending));
      // Does not use writeLine, for speed: no other extended reply is as frequent.
      const line = `1 acquired token=${token} count=${writeList(counts)} waited=${waitedMs}` +
        ` previous=${endings}`;
      if (previous.every((it) => it.previous === undefined)) return line + LF;
      const holders = previous.map((it) => it.previous ? registry.labelOfParty(it.previous) : "");
      return `${line} previous-holder=${writeList(holders)}${LF}`;
    }
    case "busy":
      return writeLine("0", "busy", busyValues(outcome, names, context));
    case "timeout": {
      trace?.(`timed out waiting for ${names.join(" and ")}`);
      const busy = busyValues(outcome.busy, names, context);
      return writeLine("0", "timeout", { waited: outcome.waitedMs, ...busy });
    }
    case "deadlock":
      return writeLine("0", "deadlock", {
        cycle: outcome.cycle.map((holder) => registry.labelOfParty(holder)),
      });
    case "limit":
      return writeLine("0", "limit", { message: LIMITS[outcome.limit](program) });
    case "draining":
      return writeLine("0", "draining");
  }
}

function busyValues(
  { name, holder, sinceMs, why, queueLength }: Busy,
  names: readonly string[],
  { registry, program }: Context,
): Record<string, string | number | undefined> {
  return {
    holder: holder && registry.labelOfParty(holder),
    since: holder && program.clock.unixMs(sinceMs),
    why: why === "" ? undefined : why,
    queue: queueLength,
    name: names.length > 1 ? name : undefined,
  };
}

function release(args: CommandArguments, { engine, owner, trace }: Context): Outcome<Reply> {
  const { words: names, values } = args;
  const mode = values.get("mode");
  if (mode !== undefined && mode !== "exclusive" && mode !== "shared") {
    return writeError("mode must be exclusive or shared; without it, both are released");
  }
  if (hasDuplicates(names)) return writeError(DUPLICATE_NAME);
  const released = engine.change(
    { names },
    ({ locks }, time) => releaseAll(locks, owner, names, mode, time),
  );
  return after(released, (outcome) => {
    if (typeof outcome !== "number") return writeLine("0", "not-held", { names: outcome });
    for (const name of names) trace?.(`released ${name}`);
    return writeLine("1", "released", { count: outcome });
  });
}

function renewLease(args: CommandArguments, { engine, owner }: Context): Outcome<Reply> {
  const numbers = readIntegers(args, { lease: RANGES.lease });
  if (typeof numbers === "string") return writeError(numbers);
  const [name = ""] = args.words;
  const renewed = engine.change(
    { names: [name] },
    ({ locks }, time) => renew(locks, owner, name, numbers.lease!, time),
  );
  return after(
    renewed,
    (isHeld) => isHeld ? writeLine("1", "renewed") : writeLine("0", "not-held"),
  );
}

function forceName(args: CommandArguments, { engine, owner, trace }: Context): Outcome<Reply> {
  const [name = ""] = args.words;
  const why = args.values.get("why")!;
  if (why.length > WHY_BYTES_MAX) return writeError(WHY_TOO_LONG);
  const forced = engine.change(
    { names: [name] },
    ({ locks }, time) => force(locks, name, owner, why, time),
  );
  return after(forced, (count) => {
    if (count === 0) return writeLine("0", "unlocked");
    trace?.(`forced the release of ${name}: ${why}`);
    return writeLine("1", "forced", { count });
  });
}

export const acquireCommands: readonly Command[] = [
  extendedCommand(
    "acquire NAME... [mode=M] [max=N] [wait=MS|forever] [priority=N] [lease=MS] [grace=MS] [why=TEXT]",
    "Acquire locks, all of them or none, and wait for them if requested.",
    acquire,
  ),
  extendedCommand(
    "release NAME... [mode=exclusive|shared]",
    "Release locks, all of them or none.",
    release,
  ),
  extendedCommand("renew NAME lease=MS", "Restart the lease of a lock.", renewLease),
  extendedCommand(
    "force NAME why=TEXT",
    "Release a lock on behalf of all its holders.",
    forceName,
    "admin",
  ),
];
