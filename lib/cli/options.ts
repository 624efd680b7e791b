/**
 * What subcommands take, as data: usage pages, parsing and completions all derive from these rows.
 * Pure. One dash or two, `--wait 30s` or `--wait=30s`, a boolean only as `--json` or `--json=false`,
 * before and behind the names; `--` ends the options. A row is one of lib/server/flags.ts, so that
 * the completions take the server's flags, too; those are read there, as Go programs do it.
 */
import { type Flag, UsageError } from "../server/flags.ts";
import { readTime } from "./durations.ts";

/** What a shell may offer for a value or a name. */
export type Suggestion = "locks" | "pools" | "commands" | readonly string[];

/** One row an option. */
export interface Option extends Omit<Flag, "fallback"> {
  /** What counts when the option is not given, for the usage page; empty: nothing to say. */
  readonly fallback?: string;
  readonly suggest?: Suggestion;
}

/** The names that stand between the options. */
export interface Operands {
  /** As the usage page shows them: "LOCK...", "[PREFIX]". */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  readonly suggest?: Suggestion;
}

/** One row a subcommand; `options` without the ones that every subcommand has. */
export interface Shape {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  readonly operands: Operands;
  /** Shown for what stands behind `--`, which is not read at all; undefined: there is no such thing. */
  readonly command?: string;
}

export const HELP: Option = { name: "help", help: "this page" };

/** What was given, by the names of the rows. */
export class ParsedOptions {
  readonly operands: readonly string[];
  /** What stands behind `--`; empty without one. */
  readonly command: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  constructor(
    values: ReadonlyMap<string, string>,
    operands: readonly string[],
    command: readonly string[],
  ) {
    this.#values = values;
    this.operands = operands;
    this.command = command;
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.get(name) === "true";
  }

  /** Milliseconds; undefined when it is not given. Throws `UsageError`. */
  time(name: string): number | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : readTime(`--${name}`, value);
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const number = /^[-+]?\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    throw new UsageError(`--${name} is a whole number from ${min} to ${max}, got "${value}"`);
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new UsageError(`--${name} is ${words.join(", ")}, got "${value}"`);
  }
}

/** Whether the page is asked for, before `--`: that goes before all errors. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((word) => /^--?h(elp)?$/.test(word));
}

/** Reads arguments by a subcommand's row. Throws `UsageError`. */
export function readOptions(args: readonly string[], shape: Shape): ParsedOptions {
  const end = args.indexOf("--");
  if (shape.command !== undefined && end < 0) throw new UsageError(missingDashes(shape));
  const ours = end < 0 ? args : args.slice(0, end);
  const behind = end < 0 ? [] : args.slice(end + 1);
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < ours.length; i++) {
    const word = ours[i] ?? "";
    const [, name, value] = /^--?([a-z][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      if (/^-./s.test(word)) throw new UsageError(`There is no option ${word}${dashesHint(shape)}`);
      operands.push(word);
      continue;
    }
    const row = shape.options.find((option) => option.name === name);
    if (row === undefined) throw new UsageError(`There is no option --${name}`);
    const next = row.value === undefined ? "true" : ours[i + 1];
    if (value === undefined && row.value !== undefined) i++;
    const text = value ?? next;
    if (text === undefined) throw new UsageError(`--${name} needs a value: ${row.value}`);
    if (row.value === undefined && text !== "true" && text !== "false") {
      throw new UsageError(`--${name} is --${name} or --${name}=false, got "${text}"`);
    }
    values.set(name, text);
  }
  if (shape.command === undefined) {
    return count(new ParsedOptions(values, [...operands, ...behind], []), shape);
  }
  if (behind.length === 0) throw new UsageError(`What is to run? ${usageOf(shape)}`);
  return count(new ParsedOptions(values, operands, behind), shape);
}

function count(
  given: ParsedOptions,
  { operands: { min, max, usage }, name }: Shape,
): ParsedOptions {
  const { length } = given.operands;
  if (length < min) throw new UsageError(`${name} needs ${usage}`);
  if (length > max) {
    const extra = given.operands[max];
    throw new UsageError(max === 0 ? `${name} takes no "${extra}"` : `"${extra}" is one too many`);
  }
  return given;
}

function missingDashes(shape: Shape): string {
  return `The command to run stands behind "--", which is missing: ${usageOf(shape)}`;
}

function dashesHint({ command }: Shape): string {
  return command === undefined ? '; a name that begins with "-" stands behind "--"' : "";
}

/** "holdfast run [OPTIONS] LOCK... -- COMMAND [ARGUMENT...]" */
export function usageOf({ name, options, operands, command }: Shape): string {
  const parts = ["holdfast", name];
  if (options.length > 0) parts.push("[OPTIONS]");
  if (operands.usage !== "") parts.push(operands.usage);
  if (command !== undefined) parts.push("--", command);
  return parts.join(" ");
}
