/**
 * The one gate that every line of every session passes: look-up, counting, permission, and only
 * then the command. Nobody else calls `run`.
 */
import type { Outcome } from "../engine/engine.ts";
import type { Dialect } from "../wire/dialect.ts";
import { type Line, OVERLONG } from "../wire/lines.ts";
import type { Context, Reply } from "./command.ts";

export function passGate(dialect: Dialect, line: Line, context: Context): Outcome<Reply> {
  if (line === OVERLONG) {
    context.stats.invalidCommands++;
    context.note?.("line too long");
    return dialect.refuse("overlong");
  }
  const request = dialect.parse(line);
  const entry = context.table.find(request.verb);
  if (entry === undefined) {
    context.stats.invalidCommands++;
    context.note?.(`invalid command '${line}'`);
    return dialect.refuse("unknown");
  }
  entry.calls++;
  return entry.granted ? entry.command.run(request, context) : dialect.refuse("disabled");
}
