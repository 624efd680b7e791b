/**
 * Defines extended commands: the usage line, such as "acquire NAME... [mode=M] [max=N]", says which
 * arguments a request may have. Contract: docs/protocol/extended.md, "Shape".
 */
import type { Command, Need } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
import type { Outcome } from "../../engine/engine.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { LOCK_NAMES_MAX, readWords, writeError } from "../../wire/extended.ts";

/** The arguments of a request: words without a key, which are usually names, and values by key. */
export interface CommandArguments {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

type Handler = (args: CommandArguments, context: Context) => Outcome<Reply>;

/** A parsed usage line. */
interface ParsedUsage {
  readonly usage: string;
  readonly wordsMin: number;
  readonly wordsMax: number;
  readonly requiredKeys: readonly string[];
  readonly keys: ReadonlySet<string>;
}

/** Shared by all requests without keys, to save a map per request; never modified. */
const NO_VALUES = new Map<string, string>();

/**
 * Returns a command that connections may use after `hello`.
 * @param needs the needs in addition to "hello".
 */
export function extendedCommand(
  usage: string,
  summary: string,
  run: Handler,
  ...needs: Need[]
): Command {
  const parsedUsage = parseUsage(usage);
  return {
    usage,
    summary,
    needs: ["hello", ...needs],
    latent: true,
    run: (request, context) => answer(parsedUsage, run, request, context),
  };
}

/** Returns a command that connections may use before `hello`. */
export function greetingCommand(usage: string, summary: string, run: Handler): Command {
  const { needs: _, ...rest } = extendedCommand(usage, summary, run);
  return rest;
}

function answer(
  parsedUsage: ParsedUsage,
  run: Handler,
  request: CommandRequest,
  context: Context,
): Outcome<Reply> {
  const args = readArguments(parsedUsage, request);
  return typeof args === "string" ? writeError(args) : run(args, context);
}

function parseUsage(usage: string): ParsedUsage {
  const parts = usage.split(" ").slice(1);
  const keyed = parts.filter((part) => part.includes("="));
  const plain = parts.filter((part) => !part.includes("="));
  const keysOf = (words: readonly string[]) => words.map((word) => /[a-z]+(?==)/.exec(word)![0]);
  const isOptional = (part: string) => part.startsWith("[");
  return {
    usage,
    wordsMin: plain.filter((part) => !isOptional(part)).length,
    wordsMax: plain.some((part) => part.endsWith("...")) ? LOCK_NAMES_MAX : plain.length,
    requiredKeys: keysOf(keyed.filter((part) => !isOptional(part))),
    keys: new Set(keysOf(keyed)),
  };
}

/** Returns the arguments of a request, or an error message. */
function readArguments(
  { usage, wordsMin, wordsMax, requiredKeys, keys }: ParsedUsage,
  { rest, raw = rest }: CommandRequest,
): CommandArguments | string {
  const words: string[] = [];
  let values = NO_VALUES;
  for (const { key, value } of readWords(raw)) {
    if (key === undefined || key === "name" && !keys.has(key)) words.push(value);
    else if (!keys.has(key)) return `unknown key ${key}; usage: ${usage}`;
    else if (values.has(key)) return `duplicate key ${key}; give it once`;
    else {
      if (values === NO_VALUES) values = new Map();
      values.set(key, value);
    }
  }
  if (words.length < wordsMin) return `too few arguments; usage: ${usage}`;
  if (words.length > wordsMax) {
    return wordsMax === LOCK_NAMES_MAX
      ? `too many names; a request may have ${LOCK_NAMES_MAX}`
      : `too many arguments; usage: ${usage}`;
  }
  const missing = requiredKeys.find((key) => !values.has(key));
  return missing === undefined ? { words, values } : `missing key ${missing}; usage: ${usage}`;
}

/** Reads an integer from `min` to `max`; returns undefined for any other text. */
export function readInteger(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** The range of each key that has an integer as its value. */
export type NumberRanges = Readonly<Record<string, readonly [min: number, max: number]>>;

/** Returns the integers of a request by their keys, or an error message. */
export function readIntegers<R extends NumberRanges>(
  { values }: CommandArguments,
  ranges: R,
): { readonly [K in keyof R]?: number } | string {
  const numbers: { [K in keyof R]?: number } = {};
  if (values.size === 0) return numbers;
  for (const key of Object.keys(ranges) as (keyof R & string)[]) {
    const text = values.get(key);
    if (text === undefined) continue;
    const [min, max] = ranges[key]!;
    const number = readInteger(text, min, max);
    if (number === undefined) return `${key} must be an integer from ${min} to ${max}`;
    numbers[key] = number;
  }
  return numbers;
}
