/**
 * The one gate that every line of every session passes: look-up, counting, permission, and only
 * then the command. Nobody else calls `run`.
 */
import type { Outcome } from "../engine/engine.ts";
import type { Dialect, Refusal, Request } from "../wire/dialect.ts";
import { type Line, OVERLONG } from "../wire/lines.ts";
import { type Context, Farewell, type Reply } from "./command.ts";
import type { Entry } from "./table.ts";

/**
 * How a request of HTTP begins; and what stands in each, should its first line be too long to be
 * seen. What a page has it carry, must not be taken for lines of ours.
 */
const HTTP_LINE = /^(?:[A-Z]+ \S+ HTTP\/\d|[Hh]ost: )/;

export function passGate(dialect: Dialect, line: Line, context: Context): Outcome<Reply> {
  if (line === OVERLONG) {
    context.stats.invalidCommands++;
    context.note?.("line too long");
    return dialect.refuse("overlong", "");
  }
  const request = dialect.parse(line);
  if (request === undefined) return "";
  const entry = context.table.find(request.verb);
  if (entry === undefined || entry.isExtended && !context.speaker.dialect.isExtended) {
    context.stats.invalidCommands++;
    context.note?.(`invalid command '${line}'`);
    if (HTTP_LINE.test(line)) {
      if (dialect.refusesWeb) return new Farewell(dialect.refuse("web", ""), "close");
      context.speaker.isPage = true;
    }
    return dialect.refuse("unknown", "");
  }
  entry.calls++;
  const refusal = refusalOf(dialect, request, entry, context);
  if (refusal !== undefined) return dialect.refuse(refusal, entry.command.usage);
  return entry.command.run(request, context);
}

function refusalOf(
  { countsWords }: Dialect,
  { words, native }: Request,
  { granted, isAdmin, wordsMin, wordsMax, command }: Entry,
  { isLocal, speaker, program }: Context,
): Refusal | undefined {
  if (!granted) return "disabled";
  if (isAdmin && (!isLocal || speaker.isPage) && !program.allowForce) return "denied";
  if (native && !command.native) return "native";
  if (countsWords && (words.length < wordsMin || words.length > wordsMax)) return "arguments";
  return undefined;
}
