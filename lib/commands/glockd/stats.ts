/** Counters: q. Contract: docs/protocol/glockd.md, "Stats". */
import type { Command, Context, Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { countLocks } from "../../state/locks.ts";
import type { Request } from "../../wire/dialect.ts";
import { writeEntry } from "../../wire/glockd.ts";

function counters(_: Request, { engine, registry, stats, table }: Context): Outcome<Reply> {
  const counts = engine.read("lock counts", ({ locks }) => countLocks(locks));
  return after(counts, ({ exclusive, shared }) => {
    const fields: [name: string, value: number][] = [
      ["connections", registry.size],
      ["invalid_commands", stats.invalidCommands],
      ["locks", exclusive],
      ["orphans", stats.orphans],
      ["shared_locks", shared],
      ["shared_orphans", stats.sharedOrphans],
    ];
    for (const { name, command, calls } of table) {
      if (calls > 0 || !command.latent) fields.push([`command_${name}`, calls]);
    }
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return fields.map(([name, value]) => writeEntry(name, value)).join("");
  });
}

export const stats: readonly Command[] = [
  { usage: "q", summary: "Print counters since the start, sorted by name.", run: counters },
];
