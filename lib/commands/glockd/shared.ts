/**
 * Shared locks: sg sr si sd, and `dump shared`.
 * Contract: docs/protocol/glockd.md, "Shared locks".
 */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import {
  acquireShared,
  countShared,
  holdersShared,
  listShared,
  releaseShared,
} from "../../state/locks/rules.ts";
import type { LockStore } from "../../state/locks/store.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { CRLF, writeEntries, writeMap, writeStatus } from "../../wire/glockd.ts";

function get({ rest: name }: CommandRequest, { engine, owner, trace }: Context): Outcome<Reply> {
  const acquired = engine.change(
    { shared: name },
    ({ locks }, time) => acquireShared(locks, name, owner, time),
  );
  return after(acquired, (count) => {
    trace?.(`obtained shared lock for ${name}`);
    return writeStatus(count, "Shared Lock Get Success", name, CRLF);
  });
}

function releaseLock(
  { rest: name }: CommandRequest,
  { engine, owner, trace }: Context,
): Outcome<Reply> {
  const released = engine.change(
    { shared: name },
    ({ locks }, time) => releaseShared(locks, name, owner, time),
  );
  return after(released, (wasHeld) => {
    if (!wasHeld) return writeStatus(0, "Shared Lock Release Failure", name, CRLF);
    trace?.(`released shared lock for ${name}`);
    return writeStatus(1, "Shared Lock Release Success", name, CRLF);
  });
}

function status({ rest: name }: CommandRequest, { engine }: Context): Outcome<Reply> {
  const counted = engine.read({ shared: name }, ({ locks }) => countShared(locks, name));
  return after(counted, (count) => {
    const phrase = count === 0 ? "Shared Lock Not Locked" : "Shared Lock Is Locked";
    return writeStatus(count, phrase, name, CRLF);
  });
}

function list({ rest: name }: CommandRequest, { engine, registry }: Context): Outcome<Reply> {
  const holders = (locks: LockStore) => (key: string) =>
    holdersShared(locks, key).map((holder) => registry.nameOfParty(holder));
  if (name === "") {
    return engine.read("locks", ({ locks }) => writeEntries(listShared(locks), holders(locks)));
  }
  return engine.read({ shared: name }, ({ locks }) => writeEntries([name], holders(locks)));
}

/** Returns the reply to `dump shared`. */
export function dumpShared({ engine, registry }: Context): Outcome<Reply> {
  return engine.read("locks", ({ locks }) =>
    writeMap(listShared(locks), (name) => {
      const addresses = holdersShared(locks, name).map((holder) => registry.addressOfParty(holder));
      return addresses.length === 0 ? undefined : `[${addresses.join(" ")}]`;
    }));
}

export const shared: readonly Command[] = [
  {
    usage: "sg <lock>",
    summary: "Acquire a shared lock; replies with the number of its holders.",
    run: get,
  },
  {
    usage: "sr <lock>",
    summary: "Release a shared lock that this connection holds.",
    run: releaseLock,
  },
  { usage: "si <lock>", summary: "Show the number of holders of a shared lock.", run: status },
  {
    usage: "sd [lock]",
    summary: "List one or all shared locks, one line per holder.",
    needs: ["dump"],
    run: list,
  },
];
