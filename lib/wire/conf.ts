/**
 * A file of lines "key:value" as text, which can be changed and keeps all else as it was: comments,
 * blank lines, order, line ends. Pure. Text has one character a byte.
 */
import { trimBlanks } from "./blanks.ts";

/** A line that is neither an entry nor a comment nor blank. */
export class ConfSyntaxError extends SyntaxError {
  override readonly name = "ConfSyntaxError";
  constructor(readonly line: number, readonly text: string) {
    super(`line ${line} is no key:value`);
  }
}

interface Line {
  text: string;
  readonly key: string | undefined;
}

export interface Entry {
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

export class Conf {
  readonly #lines: Line[];

  /** Throws `ConfSyntaxError`. */
  constructor(text: string) {
    this.#lines = text.split("\n").map((line, i) => ({ text: line, key: keyOf(line, i + 1) }));
  }

  /** The entry of that name that counts: the last. */
  get(key: string): Entry | undefined {
    const index = this.#lines.findLastIndex((line) => line.key === key);
    if (index < 0) return undefined;
    const { text } = this.#lines[index]!;
    return { value: trimBlanks(text.slice(text.indexOf(":") + 1)), line: index + 1 };
  }

  /** All keys, in order of their first lines. */
  keys(): Set<string> {
    return new Set(this.#lines.flatMap(({ key }) => key ?? []));
  }

  /** Changes the entry that counts, or adds one: behind the last whose key begins with `group`. */
  set(key: string, value: string, group: string): void {
    const known = this.#lines.findLast((line) => line.key === key);
    if (known !== undefined) {
      const [, head, end] = /^([^:]*:[ \t]*).*?(\r?)$/s.exec(known.text)!;
      known.text = `${head}${value}${end}`;
      return;
    }
    const end = this.#lines[0]!.text.endsWith("\r") ? "\r" : "";
    const neighbour = this.#lines.findLastIndex((line) => line.key?.startsWith(group));
    this.#lines.splice(this.#placeAfter(neighbour), 0, { text: `${key}:${value}${end}`, key });
  }

  /** Takes out all entries of that name. */
  delete(key: string): void {
    for (let i = this.#lines.length - 1; i >= 0; i--) {
      if (this.#lines[i]!.key === key) this.#lines.splice(i, 1);
    }
  }

  toString(): string {
    return this.#lines.map(({ text }) => text).join("\n");
  }

  /** Behind a line, or at the end: before the nothing that follows the last line's end. */
  #placeAfter(index: number): number {
    if (index >= 0 && index < this.#lines.length - 1) return index + 1;
    if (this.#lines.at(-1)!.text !== "") this.#lines.push({ text: "", key: undefined });
    return this.#lines.length - 1;
  }
}

function keyOf(line: string, number: number): string | undefined {
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
