/**
 * Inspecting locks: describe list watch unwatch.
 * Contract: docs/protocol/extended.md, "Inspection" and "Watching".
 */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { inspect, inspectAll, type LockView } from "../../state/locks/inspect.ts";
import { PREFIX_BYTES_MAX, writeError, writeLine } from "../../wire/extended.ts";
import { type CommandArguments, extendedCommand } from "./define.ts";
import { viewJson } from "./json_format.ts";

function describe({ words: [name = ""] }: CommandArguments, context: Context): Outcome<Reply> {
  const inspected = context.engine.read({ names: [name] }, ({ locks }) => inspect(locks, name));
  return after(
    inspected,
    (view) => view === undefined ? writeLine("0", "unlocked") : describeReply(view, context),
  );
}

function* describeReply(view: LockView, context: Context): Iterable<string> {
  yield "1 described json=";
  yield* viewJson(view, context);
  yield "\n";
}

function list({ words: [prefix = ""] }: CommandArguments, context: Context): Outcome<Reply> {
  return context.engine.read("locks", ({ locks }) => listReply(inspectAll(locks, prefix), context));
}

function* listReply(views: Iterable<LockView | undefined>, context: Context): Iterable<string> {
  let separator = "1 listed json=[";
  for (const view of views) {
    yield "";
    if (view === undefined) continue;
    yield separator;
    yield* viewJson(view, context);
    separator = "\\c";
  }
  yield separator === "\\c" ? "]\n" : `${separator}]\n`;
}

function watch(
  { words: [prefix = ""] }: CommandArguments,
  { owner, watchers, control }: Context,
): Reply {
  if (prefix.length > PREFIX_BYTES_MAX) {
    return writeError(`the prefix must be at most ${PREFIX_BYTES_MAX} bytes long`);
  }
  watchers.add(owner, prefix, (line) => control.sendEvent(line));
  return writeLine("1", "watching");
}

function unwatch(_: CommandArguments, { owner, watchers }: Context): Reply {
  watchers.remove(owner);
  return writeLine("1", "unwatched");
}

export const inspectCommands: readonly Command[] = [
  extendedCommand("describe NAME", "Show the holders and the waiters of a lock.", describe, "dump"),
  extendedCommand(
    "list [PREFIX]",
    "Show all locks whose names begin with the prefix.",
    list,
    "dump",
  ),
  extendedCommand(
    "watch [PREFIX]",
    "Send an event for each change of the locks whose names begin with the prefix.",
    watch,
    "dump",
  ),
  extendedCommand("unwatch", "Send no more events.", unwatch, "dump"),
];
