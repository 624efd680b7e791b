/**
 * The extended commands as text: requests and replies, both directions, pure. The same for text of
 * one character a byte, as the server has it, and for plain text.
 * Contract: docs/protocol/extended.md, "Shape". The words of a reply live with their command.
 */
import { foldBlanks, isAsciiBlank, plainSpace } from "./whitespace.ts";
import type { Dialect, RefusalReason } from "./dialect.ts";
import { escape, unescape } from "./escapes.ts";

// The limits of the protocol; server and clients check them alike.

/** Names in one request: each costs a look at its wait queue. */
export const LOCK_NAMES_MAX = 64;
/** Milliseconds in `wait=`, `lease=` and `grace=`: 24 days, the longest delay of a timer. */
export const TIME_MS_MAX = 2 ** 31 - 1;
/** Holders in `max=`. */
export const HOLDERS_MAX = Number.MAX_SAFE_INTEGER;
/** `priority=` goes from the negative of this to this. */
export const PRIORITY_MAX = 1000;
/** Bytes of `why=`: it is meant for people, and kept as long as the lock. */
export const WHY_BYTES_MAX = 1024;
/** Bytes of a watched prefix: each event is looked up once for each length of a watched prefix. */
export const PREFIX_BYTES_MAX = 256;
/** Bytes of a client's name in replies and events; a longer one is shortened. */
export const LABEL_BYTES_MAX = 256;

export const LF = "\n";
const NO_WORDS: readonly string[] = [];

/** A word of a request: a name, or a value with its key before it. */
export interface Word {
  readonly key: string | undefined;
  readonly value: string;
}

export type Value = Single | readonly Single[];
type Single = string | number;
export type Values = Readonly<Record<string, Value | undefined>>;

/** A reply of one line, "1 acquired token=7", or an event that comes between replies, "* lost count=2". */
export interface ReplyLine {
  readonly kind: "1" | "0" | "*";
  /** What came of it: "acquired", "busy", "event". */
  readonly word: string;
  /** Values as they were written: `valueOf` and `listOf` read them. */
  readonly raw: ReadonlyMap<string, string>;
}

/**
 * What stands behind the verb. Only the blanks of ASCII part words: others cannot be escaped, and
 * have to go into names and reasons.
 */
export function readWords(rest: string): Word[] {
  const words: Word[] = [];
  for (let at = skipBlanks(rest, 0); at < rest.length;) {
    const end = endOfWord(rest, at);
    words.push(readWord(rest.slice(at, end)));
    at = skipBlanks(rest, end);
  }
  return words;
}

function readWord(word: string): Word {
  const at = word.indexOf("=");
  return at < 0
    ? { key: undefined, value: unescape(word) }
    : { key: word.slice(0, at), value: unescape(word.slice(at + 1)) };
}

/** Where the next word begins; a loop: lines are short, and an expression begins slowly. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isAsciiBlank(text.charCodeAt(at))) at++;
  return at;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isAsciiBlank(text.charCodeAt(at))) at++;
  return at;
}

/** A request; a name that would read as something else gets its key before it, as in `name=a=b`. */
export function writeRequest(verb: string, names: readonly string[], values: Values = {}): string {
  const words = names.map((name) =>
    name === "" || name.includes("=") ? `name=${escape(name)}` : escape(name)
  );
  return [verb, ...words].join(" ") + writeValues(values) + LF;
}

export function writeLine(kind: ReplyLine["kind"], word: string, values: Values = {}): string {
  return `${kind} ${word}${writeValues(values)}${LF}`;
}

/** What is left out is undefined; members of a list are escaped one by one. */
function writeValues(values: Values): string {
  let text = "";
  for (const key in values) {
    const value = values[key];
    if (value === undefined) continue;
    text += ` ${key}=${typeof value === "object" ? writeList(value) : writeSingle(value)}`;
  }
  return text;
}

/** A list as it stands behind its key. Mostly it is of one, and needs no other list. */
export function writeList(values: readonly Single[]): string {
  return values.length === 1 ? writeSingle(values[0]!) : values.map(writeSingle).join(",");
}

function writeSingle(value: Single): string {
  return typeof value === "number" ? `${value}` : escape(value);
}

/** Reads what `writeLine` wrote, line end or not; undefined when it is no such line. */
export function readLine(line: string): ReplyLine | undefined {
  const [, kind, word, rest] = /^([10*]) ([a-z-]+)((?: [a-z-]+=[^ \r\n]*)*)\r?\n?$/.exec(line) ??
    [];
  if (kind === undefined || word === undefined) return undefined;
  const pairs = (rest ?? "").split(" ").slice(1).map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { kind: kind as ReplyLine["kind"], word, raw: new Map(pairs) };
}

/** A value of a line; undefined when it has none of that key. */
export function valueOf({ raw }: ReplyLine, key: string): string | undefined {
  const value = raw.get(key);
  return value === undefined ? undefined : unescape(value);
}

/** A value that is a number; undefined when there is none. */
export function numberOf(line: ReplyLine, key: string): number | undefined {
  const value = valueOf(line, key);
  return value === undefined || !/^-?\d+$/.test(value) ? undefined : Number(value);
}

/** A value that is a list. */
export function listOf({ raw }: ReplyLine, key: string): string[] {
  return (raw.get(key) ?? "").split(",").map(unescape);
}

const MESSAGES: Readonly<Record<Exclude<RefusalReason, "disabled" | "denied">, string>> = {
  unknown: "there is no such command; help lists them all",
  arguments: "wrong arguments", // judged by the commands, who know more
  native: "no command here begins with !",
  web: "this is no web server",
  overlong: "the line is longer than this server takes and was dropped; send a shorter one",
};

/** A reply to what cannot be understood; the message says what to do. */
export function writeError(message: string): string {
  return writeLine("0", "error", { message });
}

function refuse(refusal: RefusalReason): string {
  if (refusal === "disabled" || refusal === "denied") return writeLine("0", refusal);
  return writeError(MESSAGES[refusal]);
}

/** What a connection speaks once it has said hello: the old words, and these. */
export const extended: Dialect = {
  isExtended: true,
  countsWords: false,
  refusesWeb: false,
  parse: (line) => {
    const space = plainSpace(line);
    if (space >= 0) {
      const rest = line.slice(space + 1);
      return { verb: line.slice(0, space), rest, raw: rest, words: NO_WORDS, native: false };
    }
    const start = skipBlanks(line, 0);
    if (start === line.length) return undefined; // a sign of life
    const end = endOfWord(line, start);
    const raw = line.slice(skipBlanks(line, end));
    return {
      verb: line.slice(start, end),
      rest: foldBlanks(raw),
      raw,
      words: NO_WORDS,
      native: false,
    };
  },
  refuse,
};
