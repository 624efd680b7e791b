/** Exclusive locks: g r i d dump. Contract: docs/protocol/glockd.md, "Exclusive locks". */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import {
  holderOfName,
  listExclusive,
  lockStatus,
  release,
  tryAcquire,
} from "../../state/locks/rules.ts";
import type { LockStore } from "../../state/locks/store.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { CRLF, LF, statusWriter, writeEntries, writeMap } from "../../wire/glockd.ts";
import { dumpShared } from "./shared.ts";

const REFUSED = statusWriter(0, "Lock Get Failure", CRLF);
const HELD = statusWriter(1, "Lock Get Success", LF);
const GRANTED = statusWriter(1, "Lock Get Success", CRLF);
const NOT_RELEASED = statusWriter(0, "Lock Release Failure", LF);
const RELEASED = statusWriter(1, "Lock Release Success", LF);
const FREE = statusWriter(0, "Lock Not Locked", CRLF);
const OWN = statusWriter(1, "Lock Is Locked", LF);
const OTHERS = statusWriter(1, "Lock Is Locked", CRLF);

function get({ rest: name }: CommandRequest, { engine, owner, trace }: Context): Outcome<Reply> {
  const acquired = engine.change(
    { exclusive: name },
    ({ locks }, time) => tryAcquire(locks, name, owner, time),
  );
  return after(acquired, (outcome) => {
    if (outcome === "refused") return REFUSED(name);
    if (outcome === "already held") return HELD(name);
    trace?.(`obtained lock for ${name}`);
    return GRANTED(name);
  });
}

function releaseLock(
  { rest: name }: CommandRequest,
  { engine, owner, trace }: Context,
): Outcome<Reply> {
  const released = engine.change(
    { exclusive: name },
    ({ locks }, time) => release(locks, name, owner, time),
  );
  return after(released, (wasHeld) => {
    if (!wasHeld) return NOT_RELEASED(name);
    trace?.(`released lock for ${name}`);
    return RELEASED(name);
  });
}

function status({ rest: name }: CommandRequest, { engine, owner }: Context): Outcome<Reply> {
  const read = engine.read({ exclusive: name }, ({ locks }) => lockStatus(locks, name, owner));
  return after(read, (state) => {
    if (state === "free") return FREE(name);
    return state === "own" ? OWN(name) : OTHERS(name);
  });
}

function list({ rest: name }: CommandRequest, { engine, registry }: Context): Outcome<Reply> {
  const holders = (locks: LockStore) => (key: string) => {
    const holder = holderOfName(locks, key);
    return holder === undefined ? [] : [registry.nameOfParty(holder)];
  };
  if (name === "") {
    return engine.read("locks", ({ locks }) => writeEntries(listExclusive(locks), holders(locks)));
  }
  return engine.read({ exclusive: name }, ({ locks }) => writeEntries([name], holders(locks)));
}

function dump(request: CommandRequest, context: Context): Outcome<Reply> {
  if (request.rest === "shared") return dumpShared(context);
  const { engine, registry } = context;
  return engine.read("locks", ({ locks }) =>
    writeMap(listExclusive(locks), (name) => {
      const holder = holderOfName(locks, name);
      return holder === undefined ? undefined : registry.addressOfParty(holder);
    }));
}

export const exclusive: readonly Command[] = [
  { usage: "g <lock>", summary: "Acquire an exclusive lock, or fail at once.", run: get },
  {
    usage: "r <lock>",
    summary: "Release an exclusive lock that this connection holds.",
    run: releaseLock,
  },
  { usage: "i <lock>", summary: "Show whether an exclusive lock is held.", run: status },
  {
    usage: "d [lock]",
    summary: "List one or all exclusive locks with the names of their holders.",
    needs: ["dump"],
    run: list,
  },
  {
    usage: "dump [shared]",
    summary: "Print all exclusive or shared locks with the addresses of their holders.",
    needs: ["dump"],
    run: dump,
  },
];
