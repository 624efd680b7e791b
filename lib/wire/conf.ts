/**
 * The text of a file of "key:value" lines. Changing an entry keeps everything else: comments, blank
 * lines, order, line ends. Pure. Text has one character a byte.
 */
import { trimWhitespace } from "./whitespace.ts";

/** The error for a line that is neither an entry, nor a comment, nor blank. */
export class ConfSyntaxError extends SyntaxError {
  override readonly name = "ConfSyntaxError";
  constructor(readonly line: number, text: string) {
    super(`Cannot read "${text}": expected key:value, or # before a comment`);
  }
}

export interface ConfEntry {
  readonly value: string;
  /** The line number in the file as it was read, from 1. */
  readonly line: number;
}

interface Line {
  /** Without the LF at its end. */
  text: string;
  /** 0 for a new line. */
  readonly number: number;
  isDeleted: boolean;
  /** New lines to write after this one. */
  readonly added: Line[];
}

/** Where a new entry is inserted. */
export type ConfPosition = Pick<Line, "added">;

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

export class Conf {
  readonly #lines: Line[];
  /** The lines of each key, in order. */
  readonly #entries = new Map<string, Line[]>();
  /** The position at the end of the file. */
  readonly #end: Line = newLine("", 0, true);
  /** The last line of the file that was read, if it had no LF. */
  readonly #unterminated: Line | undefined;
  readonly #cr: "" | "\r";

  /** Throws `ConfSyntaxError` when a line is malformed. */
  constructor(text: string) {
    const texts = text.split("\n");
    this.#cr = texts.length > 1 && texts[0]!.endsWith("\r") ? "\r" : "";
    const isUnterminated = texts.at(-1) !== "";
    if (!isUnterminated) texts.pop();
    this.#lines = texts.map((text, i) => newLine(text, i + 1));
    this.#unterminated = isUnterminated ? this.#lines.at(-1) : undefined;
    for (const line of this.#lines) {
      const key = keyOf(line);
      if (key !== undefined) this.#addEntry(key, line);
    }
  }

  /** Returns the effective entry of a key: the last one. */
  get(key: string): ConfEntry | undefined {
    const line = this.#entries.get(key)?.at(-1);
    if (line === undefined) return undefined;
    const { text, number } = line;
    return { value: trimWhitespace(text.slice(text.indexOf(":") + 1)), line: number };
  }

  /** Returns all keys, in the order of their first lines. */
  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /**
   * Changes the effective entry, or inserts one at `position`, by default the end of the file.
   */
  set(key: string, value: string, position: ConfPosition = this.#end): void {
    const existing = this.#entries.get(key)?.at(-1);
    if (existing !== undefined) {
      const [, head, end] = /^([^:]*:[ \t]*).*?(\r?)$/s.exec(existing.text)!;
      existing.text = `${head}${value}${end}`;
      return;
    }
    const line = newLine(`${key}:${value}${this.#cr}`);
    position.added.push(line);
    this.#addEntry(key, line);
  }

  /** Returns the position after the last entry that the file had for these keys, if it had any. */
  positionAfter(keys: Iterable<string>): ConfPosition | undefined {
    let last: Line | undefined;
    for (const key of keys) {
      const line = this.#entries.get(key)?.at(-1);
      if (line !== undefined && line.number > (last?.number ?? 0)) last = line;
    }
    return last;
  }

  /** Deletes all entries of a key. */
  delete(key: string): void {
    for (const line of this.#entries.get(key) ?? []) line.isDeleted = true;
    this.#entries.delete(key);
  }

  toString(): string {
    const lines = [...this.#lines, this.#end].flatMap((line) => [line, ...line.added])
      .filter(({ isDeleted }) => !isDeleted);
    return lines.map((line, i) => line.text + this.#endOf(line, i === lines.length - 1)).join("");
  }

  #addEntry(key: string, line: Line): void {
    const lines = this.#entries.get(key);
    if (lines === undefined) this.#entries.set(key, [line]);
    else lines.push(line);
  }

  #endOf(line: Line, isLast: boolean): string {
    if (line !== this.#unterminated) return "\n";
    if (isLast) return "";
    return line.text.endsWith("\r") ? "\n" : `${this.#cr}\n`;
  }
}

function newLine(text: string, number = 0, isDeleted = false): Line {
  return { text, number, isDeleted, added: [] };
}

/** Returns the key of an entry, and undefined for any other line. Throws `ConfSyntaxError`. */
function keyOf({ text: line, number }: Line): string | undefined {
  const hasMark = number === 1 && line.startsWith(BYTE_ORDER_MARK);
  const text = trimWhitespace(hasMark ? line.slice(BYTE_ORDER_MARK.length) : line);
  if (text === "" || text.startsWith("#")) return undefined;
  const key = trimWhitespace(text.slice(0, Math.max(0, text.indexOf(":"))));
  if (key === "") throw new ConfSyntaxError(number, text);
  return key;
}

/** Returns the members of a comma-separated list without duplicates. */
export function readList(value: string): string[] {
  return [...new Set(value.split(",").map(trimWhitespace).filter((member) => member !== ""))];
}
