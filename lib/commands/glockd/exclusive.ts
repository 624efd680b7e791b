/** Exclusive locks: g r i d dump. Contract: docs/protocol/glockd.md, "Exclusive locks". */
import type { Command, Context, Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import {
  holderOfName,
  inspect,
  listLocks,
  type LockStore,
  release,
  tryAcquire,
} from "../../state/locks/rules.ts";
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
const ANOTHERS = statusWriter(1, "Lock Is Locked", CRLF);

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

function giveBack(
  { rest: name }: CommandRequest,
  { engine, owner, trace }: Context,
): Outcome<Reply> {
  const released = engine.change(
    { exclusive: name },
    ({ locks }, time) => release(locks, name, owner, time),
  );
  return after(released, (done) => {
    if (!done) return NOT_RELEASED(name);
    trace?.(`released lock for ${name}`);
    return RELEASED(name);
  });
}

function look({ rest: name }: CommandRequest, { engine, owner }: Context): Outcome<Reply> {
  const seen = engine.read({ exclusive: name }, ({ locks }) => inspect(locks, name, owner));
  return after(seen, (state) => {
    if (state === "free") return FREE(name);
    return state === "own" ? OWN(name) : ANOTHERS(name);
  });
}

function list({ rest: name }: CommandRequest, { engine, registry }: Context): Outcome<Reply> {
  const holders = (locks: LockStore) => (key: string) => {
    const holder = holderOfName(locks, key);
    return holder === undefined ? [] : [registry.nameOfParty(holder)];
  };
  if (name === "") {
    return engine.read("locks", ({ locks }) => writeEntries(listLocks(locks), holders(locks)));
  }
  return engine.read({ exclusive: name }, ({ locks }) => writeEntries([name], holders(locks)));
}

function dump(request: CommandRequest, context: Context): Outcome<Reply> {
  if (request.rest === "shared") return dumpShared(context);
  const { engine, registry } = context;
  return engine.read("locks", ({ locks }) =>
    writeMap(listLocks(locks), (name) => {
      const holder = holderOfName(locks, name);
      return holder === undefined ? undefined : registry.addressOfParty(holder);
    }));
}

export const exclusive: readonly Command[] = [
  { usage: "g <lock>", summary: "Get an exclusive lock, or fail at once.", run: get },
  { usage: "r <lock>", summary: "Release an exclusive lock of one's own.", run: giveBack },
  { usage: "i <lock>", summary: "Tell whether an exclusive lock is taken.", run: look },
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
