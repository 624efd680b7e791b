/**
 * The part of the Looky protocol that server and client share: requests as they are written,
 * replies as they are read. Text has one character a byte, as in the server, or is plain. Pure.
 * Contract: docs/protocol/looky.md, "Requests" and "Replies".
 */
import { unescape } from "./escapes.ts";

export const CRLF = "\r\n";
export const VERSION = "LOOKY/1.0";

/** The codes of replies, which are more precise than OK and ERR. */
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

export type ReplyParameters = Readonly<Record<string, string | number>>;

/** The first line of a reply; a reply without a body has no other. */
export interface ReplyHead {
  readonly code: number;
  readonly isOk: boolean;
  readonly parameters: ReadonlyMap<string, string>;
}

export function writeRequest(verb: string, words: readonly string[], native = false): string {
  return `${native ? "!" : ""}${[verb, ...words].join(" ")}${CRLF}`;
}

/** Reads the first line of a reply, with or without CRLF; returns undefined for other lines. */
export function readHead(line: string): ReplyHead | undefined {
  const [, code, verdict, list] = /^LOOKY\/[^ ]+ (\d{3}) (OK|ERR)(?::([^\r\n]*))?\r?\n?$/
    .exec(line) ?? [];
  if (code === undefined) return undefined;
  const pairs = list === undefined || list === "" ? [] : list.split(",");
  const parameters = pairs.map((pair): [string, string] => {
    const separator = pair.indexOf("=");
    if (separator < 0) return [pair, ""];
    return [pair.slice(0, separator), unescape(pair.slice(separator + 1))];
  });
  return { code: Number(code), isOk: verdict === "OK", parameters: new Map(parameters) };
}
