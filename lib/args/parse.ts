/**
 * Parses the server's flags and the subcommands' options with `parseArgs` of @std/cli. A flag has
 * one dash or two, and is written `-x value` or `-x=value`; a boolean, `-x` or `-x=false`. When a
 * flag is given twice, the last one counts. An unknown flag is an error. Pure.
 */
// @ts-types="../../types/cli.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { type ArgumentSyntax, dashed, type Flag, UsageError } from "./rows.ts";
import { readBoolean, readDuration, readInteger, readOneOf } from "./values.ts";

/** Matches a flag: its name, and its value if attached with "=". */
const FLAG_WORD: Readonly<Record<ArgumentSyntax["style"], RegExp>> = {
  go: /^--?([^=-][^=]*)(?:=(.*))?$/s,
  gnu: /^--?([a-z][^=]*)(?:=(.*))?$/s,
};

/**
 * A prefix of every value and operand that is passed to `parseArgs`, which would otherwise take an
 * empty value for a missing one, and "007" for a number.
 */
const VERBATIM = "=";

/** The arguments, by the names of their rows. The typed readers throw `UsageError`. */
export class ParsedArguments {
  readonly operands: readonly string[];
  /** The arguments after "--" when the syntax takes a command; otherwise empty. */
  readonly command: readonly string[];
  readonly #values: ReadonlyMap<string, string | boolean>;
  readonly #style: ArgumentSyntax["style"];

  constructor(
    values: ReadonlyMap<string, string | boolean>,
    operands: readonly string[],
    command: readonly string[],
    style: ArgumentSyntax["style"],
  ) {
    this.#values = values;
    this.operands = operands;
    this.command = command;
    this.#style = style;
  }

  isGiven(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#values.get(name);
    return typeof value === "boolean" ? value : undefined;
  }

  integer(name: string, min: number, max: number): number | undefined {
    return this.#read(name, (text, flag) => readInteger(text, flag, min, max));
  }

  /** Returns milliseconds. */
  duration(name: string): number | undefined {
    return this.#read(name, readDuration);
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    return this.#read(name, (text, flag) => readOneOf(text, flag, words));
  }

  #read<T>(name: string, read: (text: string, flag: string) => T): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : read(text, dashed(name, this.#style));
  }
}

/** Returns whether -h or --help comes before any "--"; help takes precedence over all errors. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((word) => /^--?h(elp)?$/.test(word));
}

/** Parses arguments by the rows of their flags. Throws `UsageError`. */
export function parseArguments(
  args: readonly string[],
  flags: readonly Flag[],
  syntax: ArgumentSyntax,
): ParsedArguments {
  const { style, takesCommand = false } = syntax;
  const booleans = flags.filter(({ value }) => value === undefined).map(({ name }) => name);
  const parsed = parseArgs(normalize(args, flags, syntax), {
    string: flags.filter(({ value }) => value !== undefined).map(({ name }) => name),
    boolean: booleans,
    default: Object.fromEntries(booleans.map((name) => [name, undefined])), // otherwise false
    "--": takesCommand,
    unknown(word, key): boolean {
      if (key === undefined && style === "gnu") return true; // an operand
      throw unknownArgument(key ?? word.slice(VERBATIM.length), key !== undefined, syntax);
    },
  });
  const values = new Map<string, string | boolean>();
  for (const { name } of flags) {
    const value = parsed[name];
    if (typeof value === "boolean") values.set(name, value);
    if (typeof value === "string") values.set(name, value.slice(VERBATIM.length));
  }
  const operands = parsed._.map((operand) => String(operand).slice(VERBATIM.length));
  return new ParsedArguments(values, operands, parsed["--"] ?? [], style);
}

/**
 * Rewrites the arguments so that every flag has its value attached. Otherwise `parseArgs` would
 * take an operand for the value of the flag before it, split `-abc` into letters, and refuse a
 * value that begins with a dash.
 */
function normalize(
  args: readonly string[],
  flags: readonly Flag[],
  { style, takesCommand }: ArgumentSyntax,
): string[] {
  const end = style === "gnu" ? args.indexOf("--") : -1;
  const words = end < 0 ? args : args.slice(0, end);
  const normalized: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const [, name, attached] = FLAG_WORD[style].exec(word) ?? [];
    const flag = flags.find((flag) => flag.name === name);
    if (flag === undefined) {
      // With two more dashes, the word itself becomes the key, and no row has that name.
      normalized.push(/^-./s.test(word) ? `--${word.split("=", 1)}` : VERBATIM + word);
    } else if (flag.value === undefined) {
      const isOn = attached === undefined || readBoolean(attached, dashed(flag.name, style));
      normalized.push(`--${name}=${isOn}`);
    } else {
      const value = attached ?? words[++i];
      if (value === undefined) throw missingValue(flag, style);
      normalized.push(`--${name}=${VERBATIM}${value}`);
    }
  }
  if (end < 0) return normalized;
  const rest = args.slice(end + 1);
  return [...normalized, "--", ...takesCommand ? rest : rest.map((word) => VERBATIM + word)];
}

function missingValue({ name, value }: Flag, style: ArgumentSyntax["style"]): UsageError {
  return new UsageError(`Cannot read "${dashed(name, style)}": the value ${value} is missing`);
}

function unknownArgument(
  word: string,
  isFlag: boolean,
  { style, takesCommand }: ArgumentSyntax,
): UsageError {
  if (style === "go") {
    return new UsageError(`Cannot read "${word}": ${isFlag ? "no such flag" : "not a flag"}`);
  }
  const hint = takesCommand ? "" : '; put a name that begins with "-" after "--"';
  return new UsageError(`Cannot read "${word}": no such option${hint}`);
}
