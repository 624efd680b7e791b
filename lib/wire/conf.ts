/**
 * A file of lines "key:value" as text, which can be changed and keeps all else as it was: comments,
 * blank lines, order, line ends. Pure. Text has one character a byte.
 */
import { trimBlanks } from "./whitespace.ts";

/** A line that is neither an entry nor a comment nor blank. */
export class ConfSyntaxError extends SyntaxError {
  override readonly name = "ConfSyntaxError";
  constructor(readonly line: number, text: string) {
    super(`"${text}" is no key:value`);
  }
}

export interface ConfEntry {
  readonly value: string;
  /** Counted from 1, as the file was read. */
  readonly line: number;
}

interface Line {
  /** Without the LF at its end. */
  text: string;
  /** 0 for a line that was added. */
  readonly number: number;
  isGone: boolean;
  /** Lines that were put behind this one, which was there before. */
  readonly added: Line[];
}

/** Where an entry is put that is not there yet. */
export type ConfPosition = Pick<Line, "added">;

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

export class Conf {
  readonly #lines: Line[];
  /** Lines by their keys, those of equal keys in order. */
  readonly #entries = new Map<string, Line[]>();
  /** Stands for the end of the file, behind which lines are put as well. */
  readonly #end: Line = newLine("", 0, true);
  /** The last line as it was read, if it has no LF. */
  readonly #open: Line | undefined;
  readonly #cr: "" | "\r";

  /** Throws `ConfSyntaxError`. */
  constructor(text: string) {
    const texts = text.split("\n");
    this.#cr = texts.length > 1 && texts[0]!.endsWith("\r") ? "\r" : "";
    const isOpen = texts.at(-1) !== "";
    if (!isOpen) texts.pop();
    this.#lines = texts.map((text, i) => newLine(text, i + 1));
    this.#open = isOpen ? this.#lines.at(-1) : undefined;
    for (const line of this.#lines) {
      const key = keyOf(line);
      if (key !== undefined) this.#enter(key, line);
    }
  }

  /** The entry of that name that counts: the last. */
  get(key: string): ConfEntry | undefined {
    const line = this.#entries.get(key)?.at(-1);
    if (line === undefined) return undefined;
    const { text, number } = line;
    return { value: trimBlanks(text.slice(text.indexOf(":") + 1)), line: number };
  }

  /** All keys, in order of their first lines. */
  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Changes the entry that counts, or adds one: at its place, or at the end of the file. */
  set(key: string, value: string, place?: ConfPosition): void {
    const known = this.#entries.get(key)?.at(-1);
    if (known !== undefined) {
      const [, head, end] = /^([^:]*:[ \t]*).*?(\r?)$/s.exec(known.text)!;
      known.text = `${head}${value}${end}`;
      return;
    }
    const line = newLine(`${key}:${value}${this.#cr}`);
    (place ?? this.#end).added.push(line);
    this.#enter(key, line);
  }

  /** The place behind the last of the entries of these keys, as the file was read. */
  placeBehind(keys: Iterable<string>): ConfPosition | undefined {
    let place: Line | undefined;
    for (const key of keys) {
      const line = this.#entries.get(key)?.at(-1);
      if (line !== undefined && line.number > (place?.number ?? 0)) place = line;
    }
    return place;
  }

  /** Takes out all entries of that name. */
  delete(key: string): void {
    for (const line of this.#entries.get(key) ?? []) line.isGone = true;
    this.#entries.delete(key);
  }

  toString(): string {
    const lines = [...this.#lines, this.#end].flatMap((line) => [line, ...line.added])
      .filter(({ isGone }) => !isGone);
    return lines.map((line, i) => line.text + this.#endOf(line, i === lines.length - 1)).join("");
  }

  #enter(key: string, line: Line): void {
    const lines = this.#entries.get(key);
    if (lines === undefined) this.#entries.set(key, [line]);
    else lines.push(line);
  }

  #endOf(line: Line, isLast: boolean): string {
    if (line !== this.#open) return "\n";
    if (isLast) return "";
    return line.text.endsWith("\r") ? "\n" : `${this.#cr}\n`;
  }
}

function newLine(text: string, number = 0, isGone = false): Line {
  return { text, number, isGone, added: [] };
}

function keyOf({ text: line, number }: Line): string | undefined {
  const isMarked = number === 1 && line.startsWith(BYTE_ORDER_MARK);
  const text = trimBlanks(isMarked ? line.slice(BYTE_ORDER_MARK.length) : line);
  if (text === "" || text.startsWith("#")) return undefined;
  const key = trimBlanks(text.slice(0, Math.max(0, text.indexOf(":"))));
  if (key === "") throw new ConfSyntaxError(number, text);
  return key;
}

/** The members of a comma list, each once. */
export function readList(value: string): string[] {
  return [...new Set(value.split(",").map(trimBlanks).filter((member) => member !== ""))];
}
