/**
 * The extended commands as text: writes and reads requests and replies. Pure. Works on text with
 * one character a byte, as in the server, and on plain text. Contract: docs/protocol/extended.md,
 * "Shape". The values of each reply are listed at its command.
 */
import { collapseWhitespace, isAsciiWhitespace, plainWordEnd } from "./whitespace.ts";
import type { Dialect, RefusalReason } from "./dialect.ts";
import { escape, unescape } from "./escapes.ts";

// Limits of the protocol, checked by the server and by clients.

/** Names in one request: the server checks the wait queue of each. */
export const LOCK_NAMES_MAX = 64;
/** Milliseconds in `wait=`, `lease=` and `grace=`: 24 days, the longest delay of a timer. */
export const TIME_MS_MAX = 2 ** 31 - 1;
/** Holders in `max=`. */
export const HOLDERS_MAX = Number.MAX_SAFE_INTEGER;
/** The largest `priority=`; the smallest is its negative. */
export const PRIORITY_MAX = 1000;
/** Bytes of `why=`: a text for people, kept as long as the lock. */
export const WHY_BYTES_MAX = 1024;
/** Bytes of a watched prefix: an event takes a look-up for each length of watched prefixes. */
export const PREFIX_BYTES_MAX = 256;
/** Bytes of a client's name in replies and events; a longer one is shortened. */
export const LABEL_BYTES_MAX = 256;

export const LF = "\n";
const NO_WORDS: readonly string[] = [];

/** A word of a request: a name, or a value with a key. */
export interface Word {
  readonly key: string | undefined;
  readonly value: string;
}

export type Value = Single | readonly Single[];
type Single = string | number;
export type Values = Readonly<Record<string, Value | undefined>>;

/** A reply, "1 acquired token=7", or an event between replies, "* lost count=2". */
export interface ReplyLine {
  readonly kind: "1" | "0" | "*";
  /** The outcome: "acquired", "busy", "event". */
  readonly word: string;
  /** Values with their escapes: use `valueOf` and `listOf` to read them. */
  readonly raw: ReadonlyMap<string, string>;
}

/**
 * Splits the text after the verb into words. Only ASCII white space separates words: other white
 * space has no escape, and names and reasons may contain it.
 */
export function readWords(rest: string): Word[] {
  const words: Word[] = [];
  for (let start = skipWhitespace(rest, 0); start < rest.length;) {
    const end = endOfWord(rest, start);
    words.push(readWord(rest.slice(start, end)));
    start = skipWhitespace(rest, end);
  }
  return words;
}

function readWord(word: string): Word {
  const equals = word.indexOf("=");
  return equals < 0
    ? { key: undefined, value: unescape(word) }
    : { key: word.slice(0, equals), value: unescape(word.slice(equals + 1)) };
}

/** Returns the index of the next word. On short lines a loop beats a regular expression. */
function skipWhitespace(text: string, from: number): number {
  let i = from;
  while (i < text.length && isAsciiWhitespace(text.charCodeAt(i))) i++;
  return i;
}

function endOfWord(text: string, from: number): number {
  let i = from;
  while (i < text.length && !isAsciiWhitespace(text.charCodeAt(i))) i++;
  return i;
}

/** Writes a request. A name that would be ambiguous is written with its key, as in `name=a=b`. */
export function writeRequest(verb: string, names: readonly string[], values: Values = {}): string {
  const words = names.map((name) =>
    name === "" || name.includes("=") ? `name=${escape(name)}` : escape(name)
  );
  return [verb, ...words].join(" ") + writeValues(values) + LF;
}

/** Writes a reply or an event. */
export function writeLine(kind: ReplyLine["kind"], word: string, values: Values = {}): string {
  return `${kind} ${word}${writeValues(values)}${LF}`;
}

/** Omits undefined values; escapes each member of a list separately. */
function writeValues(values: Values): string {
  let text = "";
  for (const key in values) {
    const value = values[key];
    if (value === undefined) continue;
    text += ` ${key}=${typeof value === "object" ? writeList(value) : writeSingle(value)}`;
  }
  return text;
}

/** Writes a list. Most lists have one member, for which no array is built. */
export function writeList(values: readonly Single[]): string {
  return values.length === 1 ? writeSingle(values[0]!) : values.map(writeSingle).join(",");
}

function writeSingle(value: Single): string {
  return typeof value === "number" ? `${value}` : escape(value);
}

/** Reads a reply or an event, with or without its line end; returns undefined for other lines. */
export function readLine(line: string): ReplyLine | undefined {
  const [, kind, word, rest] = /^([10*]) ([a-z-]+)((?: [a-z-]+=[^ \r\n]*)*)\r?\n?$/.exec(line) ??
    [];
  if (kind === undefined || word === undefined) return undefined;
  const pairs = (rest ?? "").split(" ").slice(1).map((pair): [string, string] => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return { kind: kind as ReplyLine["kind"], word, raw: new Map(pairs) };
}

/** Returns the value of a key, or undefined when it is absent. */
export function valueOf({ raw }: ReplyLine, key: string): string | undefined {
  const value = raw.get(key);
  return value === undefined ? undefined : unescape(value);
}

/** Returns the value of a key as an integer, or undefined when it is absent or malformed. */
export function numberOf(line: ReplyLine, key: string): number | undefined {
  const value = valueOf(line, key);
  return value === undefined || !/^-?\d+$/.test(value) ? undefined : Number(value);
}

/** Returns the value of a key as a list. */
export function listOf({ raw }: ReplyLine, key: string): string[] {
  return (raw.get(key) ?? "").split(",").map(unescape);
}

const MESSAGES: Readonly<Record<Exclude<RefusalReason, "disabled" | "denied">, string>> = {
  unknown: "unknown command; send help for a list",
  arguments: "wrong arguments", // not used: the commands check them, with better messages
  native: "no command of this protocol begins with !",
  web: "this is not a web server",
  overlong: "the line is over the limit and was dropped; send a shorter line",
};

/** Writes the reply to a malformed request; the message says what to do. */
export function writeError(message: string): string {
  return writeLine("0", "error", { message });
}

function refuse(reason: RefusalReason): string {
  if (reason === "disabled" || reason === "denied") return writeLine("0", reason);
  return writeError(MESSAGES[reason]);
}

/** The dialect of a connection after `hello`: the glockd commands and the extended ones. */
export const extended: Dialect = {
  isExtended: true,
  countsWords: false,
  refusesWeb: false,
  parse: (line) => {
    const space = plainWordEnd(line);
    if (space >= 0) {
      const rest = line.slice(space + 1);
      return { verb: line.slice(0, space), rest, raw: rest, words: NO_WORDS, native: false };
    }
    const start = skipWhitespace(line, 0);
    if (start === line.length) return undefined; // a keep-alive
    const end = endOfWord(line, start);
    const raw = line.slice(skipWhitespace(line, end));
    return {
      verb: line.slice(start, end),
      rest: collapseWhitespace(raw),
      raw,
      words: NO_WORDS,
      native: false,
    };
  },
  refuse,
};
