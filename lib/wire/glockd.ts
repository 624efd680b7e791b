/**
 * The glockd protocol as text: requests and replies, both directions, pure.
 * Contract: docs/protocol/glockd.md, "How a request is read" and "Commands".
 *
 * The words of a reply live with their command; here is the form they share. Some replies end in LF
 * and some in CRLF, as the original server's did: every known client takes both, so it costs
 * nothing to stay the same to the byte.
 */
import { SortedRuns } from "../collections/sorted_runs.ts";
import type { CommandRequest, Dialect, RefusalReason } from "./dialect.ts";
import { readRequest } from "./glockd_request.ts";

export { readRequest };

export const LF = "\n";
export const CRLF = "\r\n";
export type LineEnd = typeof LF | typeof CRLF;

/** "code phrase: name", the reply that most commands give. */
export interface Status {
  /** Success or failure, taken or free, or a count of holders. */
  readonly code: number;
  readonly phrase: string;
  readonly name: string;
}

export function writeRequest({ verb, rest }: Pick<CommandRequest, "verb" | "rest">): string {
  return rest === "" ? verb + LF : `${verb} ${rest}${LF}`;
}

export function writeStatus(code: number, phrase: string, name: string, end: LineEnd): string {
  return statusWriter(code, phrase, end)(name);
}

/** The same for a reply that is given again and again: its words are put together once. */
export function statusWriter(code: number, phrase: string, end: LineEnd): (name: string) => string {
  const head = `${code} ${phrase}: `;
  return (name) => head + name + end;
}

/** Reads what `writeStatus` wrote, line end or not; undefined when it is no such line. */
export function readStatus(line: string): Status | undefined {
  const [, code, phrase, name] = /^(\d+) ([^:\r\n]+): ([^\n]*?)\r?\n?$/.exec(line) ?? [];
  if (code === undefined || phrase === undefined || name === undefined) return undefined;
  return { code: Number(code), phrase, name };
}

/**
 * Old words bring no line break into a name, the later ones may: it must not look like the end of a
 * line to those who know the old ones only.
 */
function oneLine(name: string): string {
  return name.includes(LF) ? name.replaceAll(LF, "\\n") : name;
}

/** One line "key: value" of a listing. Nothing else is escaped: a name may hold ": " itself. */
export function writeEntry(key: string, value: string | number): string {
  return `${oneLine(key)}: ${typeof value === "string" ? oneLine(value) : value}${LF}`;
}

/** The names of a listing; undefined: nothing at this place. */
type Names = Iterable<string | undefined>;

/** A listing, a line for each value a name has at that moment; an empty piece for none. */
export function* writeEntries(
  names: Names,
  valuesOf: (name: string) => readonly string[],
): Iterable<string> {
  for (const name of names) {
    yield "";
    if (name === undefined) continue;
    for (const value of valuesOf(name)) yield writeEntry(name, value);
  }
}

/** Names and values as the original's language prints a map, sorted by name, byte by byte. */
export function* writeMap(
  names: Names,
  valueOf: (name: string) => string | undefined,
): Iterable<string> {
  const sorted = new SortedRuns();
  for (const name of names) {
    if (name !== undefined) sorted.add(name);
    yield "";
  }
  let before = "map[";
  for (const name of sorted) {
    const value = valueOf(name);
    yield value === undefined ? "" : `${before}${oneLine(name)}:${value}`;
    if (value !== undefined) before = " ";
  }
  yield before === " " ? `]${LF}` : `map[]${LF}`;
}

function refuse(refusal: RefusalReason): string {
  return refusal === "disabled" ? `0 disabled${LF}` : "";
}

export const glockd: Dialect = {
  isExtended: false,
  countsWords: false,
  refusesWeb: false,
  parse: readRequest,
  refuse,
};
