/** Counters: q. Contract: docs/protocol/glockd.md, "Stats". */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
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
    afterGrace: { ...locks.orphans }, // kept at the departure and released later
  }));
  return after(counts, ({ exclusive, shared, afterGrace }) => {
    const fields: [name: string, value: number][] = [
      ["connections", registry.size],
      ["invalid_commands", stats.invalidCommands],
      ["locks", exclusive],
      ["orphans", stats.orphans + afterGrace.exclusive],
      ["shared_locks", shared],
      ["shared_orphans", stats.sharedOrphans + afterGrace.shared],
    ];
    for (const { name, command, isExtended, calls } of commands) {
      // Clients that have not sent hello see only the glockd commands.
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
