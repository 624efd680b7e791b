/**
 * The glockd protocol as text: writes and reads requests and replies. Pure.
 * Contract: docs/protocol/glockd.md, "How a request is read" and "Commands".
 *
 * Each command defines the text of its replies; this file has the forms that replies share. Some
 * replies end in LF and some in CRLF, as in the original server. Every known client accepts both,
 * so byte-for-byte compatibility costs nothing.
 */
import { SortedRuns } from "../collections/sorted_runs.ts";
import type { CommandRequest, Dialect, RefusalReason } from "./dialect.ts";
import { readRequest } from "./glockd_request.ts";

export { readRequest };

export const LF = "\n";
export const CRLF = "\r\n";
export type LineEnd = typeof LF | typeof CRLF;

/** "code phrase: name", the reply of most commands. */
export interface Status {
  /** 1 for success or "held", 0 for failure or "free", or the number of holders. */
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

/** Returns a writer for a frequent reply, which concatenates the constant text only once. */
export function statusWriter(code: number, phrase: string, end: LineEnd): (name: string) => string {
  const head = `${code} ${phrase}: `;
  return (name) => head + name + end;
}

/** Reads a status, with or without its line end; returns undefined for any other line. */
export function readStatus(line: string): Status | undefined {
  const [, code, phrase, name] = /^(\d+) ([^:\r\n]+): ([^\n]*?)\r?\n?$/.exec(line) ?? [];
  if (code === undefined || phrase === undefined || name === undefined) return undefined;
  return { code: Number(code), phrase, name };
}

/**
 * Replaces line breaks in a name, so that a glockd client does not take one for the end of the
 * line. Only extended commands can create such a name.
 */
function oneLine(name: string): string {
  return name.includes(LF) ? name.replaceAll(LF, "\\n") : name;
}

/** Writes one line "key: value" of a listing. Nothing else is escaped: a name may contain ": ". */
export function writeEntry(key: string, value: string | number): string {
  return `${oneLine(key)}: ${typeof value === "string" ? oneLine(value) : value}${LF}`;
}

/** The names of a listing; undefined stands for an empty slot of the table. */
type Names = Iterable<string | undefined>;

/** Yields a listing, one line for each value that a name has when its line is written. */
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

/** Yields names and values as Go prints a map, sorted by the bytes of the names. */
export function* writeMap(
  names: Names,
  valueOf: (name: string) => string | undefined,
): Iterable<string> {
  const sorted = new SortedRuns();
  for (const name of names) {
    if (name !== undefined) sorted.add(name);
    yield "";
  }
  let separator = "map[";
  for (const name of sorted) {
    const value = valueOf(name);
    yield value === undefined ? "" : `${separator}${oneLine(name)}:${value}`;
    if (value !== undefined) separator = " ";
  }
  yield separator === " " ? `]${LF}` : `map[]${LF}`;
}

function refuse(reason: RefusalReason): string {
  return reason === "disabled" ? `0 disabled${LF}` : "";
}

export const glockd: Dialect = {
  isExtended: false,
  countsWords: false,
  refusesWeb: false,
  parse: readRequest,
  refuse,
};
