/** Seeing locks: describe list watch unwatch. Contract: docs/protocol/extended.md, "Looking". */
import type { Command, Context, Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { inspect, inspectAll, type LockView } from "../../state/locks/inspect.ts";
import { PREFIX_BYTES_MAX, writeError, writeLine } from "../../wire/extended.ts";
import { type Asked, row } from "./define.ts";
import { viewJson } from "./json_format.ts";

function describe({ words: [name = ""] }: Asked, context: Context): Outcome<Reply> {
  const seen = context.engine.read({ names: [name] }, ({ locks }) => inspect(locks, name));
  return after(
    seen,
    (view) => view === undefined ? writeLine("0", "unlocked") : described(view, context),
  );
}

function* described(view: LockView, context: Context): Iterable<string> {
  yield "1 described json=";
  yield* viewJson(view, context);
  yield "\n";
}

function list({ words: [prefix = ""] }: Asked, context: Context): Outcome<Reply> {
  return context.engine.read("locks", ({ locks }) => listed(inspectAll(locks, prefix), context));
}

function* listed(views: Iterable<LockView | undefined>, context: Context): Iterable<string> {
  let before = "1 listed json=[";
  for (const view of views) {
    yield "";
    if (view === undefined) continue;
    yield before;
    yield* viewJson(view, context);
    before = "\\c";
  }
  yield before === "\\c" ? "]\n" : `${before}]\n`;
}

function watch({ words: [prefix = ""] }: Asked, { owner, watchers, control }: Context): Reply {
  if (prefix.length > PREFIX_BYTES_MAX) {
    return writeError(`a prefix to watch is at most ${PREFIX_BYTES_MAX} bytes long`);
  }
  watchers.add(owner, prefix, (line) => control.sendEvent(line));
  return writeLine("1", "watching");
}

function unwatch(_: Asked, { owner, watchers }: Context): Reply {
  watchers.remove(owner);
  return writeLine("1", "unwatched");
}

export const looking: readonly Command[] = [
  row("describe NAME", "Tell who holds a lock and who waits for it.", describe, "dump"),
  row("list [PREFIX]", "Describe all locks whose names begin so.", list, "dump"),
  row(
    "watch [PREFIX]",
    "Tell from now on what happens to locks whose names begin so.",
    watch,
    "dump",
  ),
  row("unwatch", "Tell no more of it.", unwatch, "dump"),
];
