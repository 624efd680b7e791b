/**
 * The Looky protocol as text: requests and replies, both directions, pure.
 * Contract: docs/protocol/looky.md, "Requests" and "Replies". The words of a reply live with their
 * command; here is the form they share.
 */
import { foldBlanks, isAsciiBlank, SPACE } from "./whitespace.ts";
import { bytesOf, byteText, isText, plainText } from "./bytes.ts";
import type { CommandRequest, Dialect, RefusalReason } from "./dialect.ts";
import { escape } from "./escapes.ts";
import { Code, CRLF, type LookyErrorCode, type Parameters, VERSION } from "./looky_text.ts";

export {
  Code,
  type Head,
  type LookyErrorCode as ErrorCode,
  type Parameters,
  readHead,
  writeRequest,
} from "./looky_text.ts";

/** A command and its words, and perhaps a "!" before them; a blank line asks for nothing. */
export function readRequest(line: string): CommandRequest | undefined {
  const words: string[] = [];
  const first = cut(line, words) ?? cutFolded(foldBlanks(line), words);
  if (first === "") return undefined;
  if (first.charCodeAt(0) !== BANG) return { verb: first, rest: "", words, native: false };
  const verb = first === "!" ? words.shift() ?? "" : first.slice(1);
  return { verb, rest: "", words, native: true };
}

/**
 * Cuts a line at its spaces: the first word, the others go to `words`. Undefined, and no words, when
 * there is a blank to fold or a byte that could belong to one. One pass, because most lines are so.
 */
function cut(line: string, words: string[]): string | undefined {
  let first: string | undefined;
  let from = 0;
  for (let i = 0; i <= line.length; i++) {
    const code = i < line.length ? line.charCodeAt(i) : SPACE;
    if (code > SPACE && code < 0x80) continue;
    if (code !== SPACE || i === from) {
      if (code < SPACE && !isAsciiBlank(code)) continue;
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

/** The same of a line without blanks to fold, whatever bytes there are in it. */
function cutFolded(line: string, words: string[]): string {
  const all = line.split(" ");
  for (let i = 1; i < all.length; i++) words.push(all[i]!);
  return all[0]!;
}

const DONE = `${VERSION} ${Code.done} OK`;

/** A reply of one line. */
export function writeOk(parameters?: Parameters): string {
  const list = parameters === undefined ? "" : writeParameters(parameters);
  return list === "" ? `${DONE}${CRLF}` : `${DONE}:${list}${CRLF}`;
}

/** Such a reply up to the first value, which the caller escapes, */
export function writeOkHead(key: string): string {
  return `${DONE}:${key}=`;
}

/** and all that comes after it: for one whose end is the same again and again. */
export function writeOkTail(parameters: Parameters): string {
  return `,${writeParameters(parameters)}${CRLF}`;
}

/** A refusal; the message says what to do. */
export function writeError(code: LookyErrorCode, message: string): string {
  return writeHead(code, "ERR", { message });
}

/** A reply of several lines, each without its end, worded while it is sent; "" is none. */
export function* writeLines(lines: Iterable<string>): Iterable<string> {
  yield writeHead(Code.lines, "OK", { multiline: "yes" });
  yield* joined(lines, CRLF);
  yield CRLF;
}

/** A reply of one line that may be long, in pieces. */
export function* writeLongLine(pieces: Iterable<string>): Iterable<string> {
  yield writeHead(Code.lines, "OK", { multiline: "yes" });
  yield* joined(pieces);
  yield CRLF + CRLF;
}

/** How much text goes in one piece: between two of them a session looks at the clock. */
const PIECE_LENGTH = 4096;

/** Short texts in longer pieces, each with its end behind it; "" stays: it gives time to breathe. */
function* joined(texts: Iterable<string>, end = ""): Iterable<string> {
  let piece = "";
  for (const text of texts) {
    if (text === "") yield "";
    else piece += text + end;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

/**
 * A reply for programs: JSON text of one character a byte as one valid UTF-8 body. It is worded
 * twice, once for the length that stands before it: kept, the words would take what they say.
 */
export function* writeNative(body: () => Iterable<string>): Iterable<string> {
  let length = 0;
  for (const piece of joined(body())) {
    length += asUtf8(piece).length;
    yield "";
  }
  yield writeHead(Code.native, "OK", { format: "json", length });
  for (const piece of joined(body())) yield asUtf8(piece);
  yield CRLF;
}

function writeHead(code: number, verdict: "OK" | "ERR", parameters: Parameters): string {
  return `${VERSION} ${code} ${verdict}:${writeParameters(parameters)}${CRLF}`;
}

/** Keys and values as they stand in a reply. */
function writeParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${escape(String(value))}`)
    .join(",");
}

const BANG = 0x21;

/** The same text, every byte that is no part of UTF-8 replaced by U+FFFD. */
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
