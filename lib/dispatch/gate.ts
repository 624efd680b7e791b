/**
 * The gate that every line of every session passes. It looks the command up, counts the call,
 * checks permissions, and only then runs the command. No other code calls `run`.
 */
import type { Outcome } from "../engine/engine.ts";
import type { CommandRequest, Dialect, RefusalReason } from "../wire/dialect.ts";
import { type Line, OVERLONG } from "../wire/lines.ts";
import type { CommandEntry, CommandTable } from "./command_table.ts";
import type { Context } from "./context.ts";
import { FinalReply, type Reply } from "./reply.ts";

/**
 * Matches the first line of an HTTP request, or its `Host` header in case the first line was
 * dropped because of its length. Lines in the body of a web page's request must not be trusted as
 * commands.
 */
const HTTP_LINE = /^(?:[A-Z]+ \S+ HTTP\/\d|[Hh]ost: )/;

/** Runs the command on one line, or refuses the line. Returns the reply. */
export function dispatch(
  table: CommandTable,
  dialect: Dialect,
  line: Line,
  context: Context,
): Outcome<Reply> {
  if (line === OVERLONG) {
    context.stats.invalidCommands++;
    context.trace?.("line too long");
    return dialect.refuse("overlong", "");
  }
  const request = dialect.parse(line);
  if (request === undefined) return "";
  const entry = table.find(request.verb);
  if (entry === undefined || entry.isExtended && !context.control.dialect.isExtended) {
    context.stats.invalidCommands++;
    context.trace?.(`invalid command '${line}'`);
    if (HTTP_LINE.test(line)) {
      if (dialect.refusesWeb) return new FinalReply(dialect.refuse("web", ""), "close");
      context.control.isWebPage = true;
    }
    return dialect.refuse("unknown", "");
  }
  entry.calls++;
  const refusal = refusalOf(dialect, request, entry, context);
  if (refusal !== undefined) return dialect.refuse(refusal, entry.command.usage);
  return entry.command.run(request, context);
}

/** Returns the reason to refuse the request; undefined when the command may run. */
function refusalOf(
  { countsWords }: Dialect,
  { words, native }: CommandRequest,
  { isEnabled, isAdmin, wordsMin, wordsMax, command }: CommandEntry,
  { isLocal, control, program }: Context,
): RefusalReason | undefined {
  if (!isEnabled) return "disabled";
  if (isAdmin && (!isLocal || control.isWebPage) && !program.allowForce) return "denied";
  if (native && !command.native) return "native";
  if (countsWords && (words.length < wordsMin || words.length > wordsMax)) return "arguments";
  return undefined;
}
