/** Counters: q. Contract: docs/protocol/glockd.md, "Stats". */
import type { Command, Context, Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { countLocks } from "../../state/locks/rules.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { writeEntry } from "../../wire/glockd.ts";

function counters(
  _: CommandRequest,
  { engine, registry, stats, commands, control }: Context,
): Outcome<Reply> {
  const counts = engine.read("lock counts", ({ locks }) => ({
    ...countLocks(locks),
    later: { ...locks.orphans }, // those that stayed for a while
  }));
  return after(counts, ({ exclusive, shared, later }) => {
    const fields: [name: string, value: number][] = [
      ["connections", registry.size],
      ["invalid_commands", stats.invalidCommands],
      ["locks", exclusive],
      ["orphans", stats.orphans + later.exclusive],
      ["shared_locks", shared],
      ["shared_orphans", stats.sharedOrphans + later.shared],
    ];
    for (const { name, command, isExtended, calls } of commands) {
      // Who knows the old words only, sees these only.
      if ((isExtended || name === "hello") && !control.dialect.isExtended) continue;
      if (calls > 0 || !command.latent) fields.push([`command_${name}`, calls]);
    }
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return fields.map(([name, value]) => writeEntry(name, value)).join("");
  });
}

export const stats: readonly Command[] = [
  { usage: "q", summary: "Print counters since the start, sorted by name.", run: counters },
];
