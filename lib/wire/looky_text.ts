/**
 * The part of the Looky protocol that both ends need, whatever their text is: of one character a
 * byte, as the server has it, or plain. Requests as they are written, replies as they are read.
 * Pure. Contract: docs/protocol/looky.md, "Requests" and "Replies".
 */
import { unescape } from "./escapes.ts";

export const CRLF = "\r\n";
export const VERSION = "LOOKY/1.0";

/** What a reply's code says more precisely than OK and ERR. */
export const Code = {
  done: 200,
  lines: 201,
  native: 202,
  badRequest: 400,
  notAllowed: 403,
  unknownName: 404,
  conflict: 409,
  failed: 500,
  noRoom: 503,
} as const;
export type LookyErrorCode = 400 | 403 | 404 | 409 | 500 | 503;

export type Parameters = Readonly<Record<string, string | number>>;

/** The first line of a reply, and all of one that has no body. */
export interface Head {
  readonly code: number;
  readonly isOk: boolean;
  readonly parameters: ReadonlyMap<string, string>;
}

export function writeRequest(verb: string, words: readonly string[], native = false): string {
  return `${native ? "!" : ""}${[verb, ...words].join(" ")}${CRLF}`;
}

/** Reads a reply's first line, with or without its end; undefined when it is none. */
export function readHead(line: string): Head | undefined {
  const [, code, verdict, list] = /^LOOKY\/[^ ]+ (\d{3}) (OK|ERR)(?::([^\r\n]*))?\r?\n?$/
    .exec(line) ?? [];
  if (code === undefined) return undefined;
  const pairs = list === undefined || list === "" ? [] : list.split(",");
  const parameters = pairs.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return at < 0 ? [pair, ""] : [pair.slice(0, at), unescape(pair.slice(at + 1))];
  });
  return { code: Number(code), isOk: verdict === "OK", parameters: new Map(parameters) };
}
