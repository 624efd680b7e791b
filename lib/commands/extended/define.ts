/**
 * How a row of the extended commands is made: what may stand in a request is read from its usage
 * line, "acquire NAME... [mode=M] [max=N]". Contract: docs/protocol/extended.md, "Shape".
 */
import type { Command, Context, Need, Reply } from "../../dispatch/command.ts";
import type { Outcome } from "../../engine/engine.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { LOCK_NAMES_MAX, readWords, writeError } from "../../wire/extended.ts";

/** What is said in a request: its words, names mostly, and the values that have a key. */
export interface Asked {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

type Run = (asked: Asked, context: Context) => Outcome<Reply>;

interface Shape {
  readonly usage: string;
  readonly wordsMin: number;
  readonly wordsMax: number;
  readonly needed: readonly string[];
  readonly allowed: ReadonlySet<string>;
}

/** Most requests have none, and need no map of their own. Nobody sets anything in it. */
const NO_VALUES = new Map<string, string>();
/** @param needs besides that hello was said. */
export function row(usage: string, summary: string, run: Run, ...needs: Need[]): Command {
  const shape = shapeOf(usage);
  return {
    usage,
    summary,
    needs: ["hello", ...needs],
    latent: true,
    run: (request, context) => answer(shape, run, request, context),
  };
}

/** The same for the one that is understood by everybody. */
export function firstRow(usage: string, summary: string, run: Run): Command {
  const { needs: _, ...rest } = row(usage, summary, run);
  return rest;
}

function answer(shape: Shape, run: Run, request: CommandRequest, context: Context): Outcome<Reply> {
  const asked = read(shape, request);
  return typeof asked === "string" ? writeError(asked) : run(asked, context);
}

function shapeOf(usage: string): Shape {
  const parts = usage.split(" ").slice(1);
  const keyed = parts.filter((part) => part.includes("="));
  const plain = parts.filter((part) => !part.includes("="));
  const keys = (those: readonly string[]) => those.map((part) => /[a-z]+(?==)/.exec(part)![0]);
  const isOptional = (part: string) => part.startsWith("[");
  return {
    usage,
    wordsMin: plain.filter((part) => !isOptional(part)).length,
    wordsMax: plain.some((part) => part.endsWith("...")) ? LOCK_NAMES_MAX : plain.length,
    needed: keys(keyed.filter((part) => !isOptional(part))),
    allowed: new Set(keys(keyed)),
  };
}

/** What was asked, or what is wrong with it. */
function read(
  { usage, wordsMin, wordsMax, needed, allowed }: Shape,
  { rest, raw = rest }: CommandRequest,
): Asked | string {
  const words: string[] = [];
  let values = NO_VALUES;
  for (const { key, value } of readWords(raw)) {
    if (key === undefined || key === "name" && !allowed.has(key)) words.push(value);
    else if (!allowed.has(key)) return `there is no key ${key} here; use: ${usage}`;
    else if (values.has(key)) return `${key} is there twice; give it once`;
    else {
      if (values === NO_VALUES) values = new Map();
      values.set(key, value);
    }
  }
  if (words.length < wordsMin) return `something is missing; use: ${usage}`;
  if (words.length > wordsMax) {
    return wordsMax === LOCK_NAMES_MAX
      ? `these are over ${LOCK_NAMES_MAX} names; ask for fewer`
      : `something is too much; use: ${usage}`;
  }
  const missing = needed.find((key) => !values.has(key));
  return missing === undefined ? { words, values } : `${missing} is missing; use: ${usage}`;
}

/** A whole number from `min` to `max` in text; undefined when it is none. */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** What each key may be. */
export type Ranges = Readonly<Record<string, readonly [min: number, max: number]>>;

/** The numbers of a request by their keys, or what is wrong with one. */
export function numbersOf<R extends Ranges>(
  { values }: Asked,
  ranges: R,
): { readonly [K in keyof R]?: number } | string {
  const numbers: { [K in keyof R]?: number } = {};
  if (values.size === 0) return numbers;
  for (const key of Object.keys(ranges) as (keyof R & string)[]) {
    const text = values.get(key);
    if (text === undefined) continue;
    const [min, max] = ranges[key]!;
    const number = wholeNumber(text, min, max);
    if (number === undefined) return `${key} is a whole number from ${min} to ${max}`;
    numbers[key] = number;
  }
  return numbers;
}
