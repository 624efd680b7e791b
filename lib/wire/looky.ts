/**
 * The Looky protocol as text: requests and replies, in both directions. Pure. Contract:
 * docs/protocol/looky.md, "Requests" and "Replies". The commands format the content of replies;
 * here is their common form.
 */
import { collapseWhitespace, isAsciiWhitespace, SPACE } from "./whitespace.ts";
import { bytesOf, byteText, isText, plainText } from "./bytes.ts";
import type { CommandRequest, Dialect, RefusalReason } from "./dialect.ts";
import { escape } from "./escapes.ts";
import { Code, CRLF, type LookyErrorCode, type ReplyParameters, VERSION } from "./looky_text.ts";

export {
  Code,
  type LookyErrorCode,
  readHead,
  type ReplyHead,
  type ReplyParameters,
  writeRequest,
} from "./looky_text.ts";

/** Reads a command with its arguments, with or without "!"; returns undefined for a blank line. */
export function readRequest(line: string): CommandRequest | undefined {
  const words: string[] = [];
  const first = splitPlain(line, words) ?? splitAtSpaces(collapseWhitespace(line), words);
  if (first === "") return undefined;
  if (first.charCodeAt(0) !== BANG) return { verb: first, rest: "", words, native: false };
  const verb = first === "!" ? words.shift() ?? "" : first.slice(1);
  return { verb, rest: "", words, native: true };
}

/**
 * Splits a plain line at its single spaces: returns the first word and adds the others to `words`.
 * Returns undefined, and adds none, if the line contains other white space or a byte that could
 * belong to it. Takes a single pass, because most lines are plain.
 */
function splitPlain(line: string, words: string[]): string | undefined {
  let first: string | undefined;
  let from = 0;
  for (let i = 0; i <= line.length; i++) {
    const code = i < line.length ? line.charCodeAt(i) : SPACE;
    if (code > SPACE && code < 0x80) continue;
    if (code !== SPACE || i === from) {
      if (code < SPACE && !isAsciiWhitespace(code)) continue;
      words.length = 0;
      return undefined;
    }
    const word = line.slice(from, i);
    if (first === undefined) first = word;
    else words.push(word);
    from = i + 1;
  }
  return first;
}

/** Like `splitPlain`, for a line of any bytes whose only white space is single spaces. */
function splitAtSpaces(line: string, words: string[]): string {
  const parts = line.split(" ");
  for (let i = 1; i < parts.length; i++) words.push(parts[i]!);
  return parts[0]!;
}

const DONE = `${VERSION} ${Code.done} OK`;

/** Returns a reply of one line. */
export function writeOk(parameters?: ReplyParameters): string {
  const list = parameters === undefined ? "" : writeParameters(parameters);
  return list === "" ? `${DONE}${CRLF}` : `${DONE}:${list}${CRLF}`;
}

/** Returns the start of a reply of one line, up to the first value, which the caller escapes. */
export function writeOkHead(key: string): string {
  return `${DONE}:${key}=`;
}

/** Returns the rest of that line, after the first value; a caller can reuse an unchanged rest. */
export function writeOkTail(parameters: ReplyParameters): string {
  return `,${writeParameters(parameters)}${CRLF}`;
}

/** Returns an error; the message says what to do. */
export function writeError(code: LookyErrorCode, message: string): string {
  return writeHead(code, "ERR", { message });
}

/** Yields a reply of several lines, formatted as they are sent; "" is a pause, not a line. */
export function* writeLines(lines: Iterable<string>): Iterable<string> {
  yield writeHead(Code.lines, "OK", { multiline: "yes" });
  yield* joined(lines, CRLF);
  yield CRLF;
}

/** Yields a reply of one line that may be long, in chunks. */
export function* writeLongLine(chunks: Iterable<string>): Iterable<string> {
  yield writeHead(Code.lines, "OK", { multiline: "yes" });
  yield* joined(chunks);
  yield CRLF + CRLF;
}

/** The length of a chunk: a session checks its time slice between two chunks. */
const CHUNK_LENGTH = 4096;

/** Joins short texts, each followed by `end`, into longer chunks; keeps "", which is a pause. */
function* joined(texts: Iterable<string>, end = ""): Iterable<string> {
  let chunk = "";
  for (const text of texts) {
    if (text === "") yield "";
    else chunk += text + end;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

/**
 * Yields a native reply: JSON text of one character a byte as a valid UTF-8 body. The body is
 * formatted twice, first for the length that precedes it, so that it need not be stored.
 */
export function* writeNative(body: () => Iterable<string>): Iterable<string> {
  let length = 0;
  for (const chunk of joined(body())) {
    length += asUtf8(chunk).length;
    yield "";
  }
  yield writeHead(Code.native, "OK", { format: "json", length });
  for (const chunk of joined(body())) yield asUtf8(chunk);
  yield CRLF;
}

function writeHead(code: number, verdict: "OK" | "ERR", parameters: ReplyParameters): string {
  return `${VERSION} ${code} ${verdict}:${writeParameters(parameters)}${CRLF}`;
}

/** Returns keys and values in the form of a reply. */
function writeParameters(parameters: ReplyParameters): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${escape(String(value))}`)
    .join(",");
}

const BANG = 0x21;

/** Returns the text with every byte that is not part of valid UTF-8 replaced by U+FFFD. */
function asUtf8(text: string): string {
  return isText(bytesOf(text)) ? text : byteText(plainText(text));
}

const MESSAGES: Readonly<Record<Exclude<RefusalReason, "arguments">, string>> = {
  unknown: "there is no such command; help lists them all",
  disabled: "this command is switched off here",
  denied: "this command is for administrators",
  native: "this command has no native reply; ask again without the !",
  web: "this is no web server; its WebSocket port has the path /looky",
  overlong: "the line is longer than this server takes and was dropped; send a shorter one",
};

function refuse(refusal: RefusalReason, usage: string): string {
  const message = refusal === "arguments" ? `the arguments are: ${usage}` : MESSAGES[refusal];
  return writeError(Code.badRequest, message);
}

export const looky: Dialect = {
  isExtended: false,
  countsWords: true,
  refusesWeb: true,
  parse: readRequest,
  refuse,
};
