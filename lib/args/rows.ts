/**
 * Flags as Go programs take them, which old start scripts rely on: one dash or two, `-x v` or
 * `-x=v`, a boolean only as `-x` or `-x=false`, the last of two counts. Unlike there, an argument
 * that no flag takes is an error instead of silently ending the flags.
 */

/** One row a flag; usage page, parsing and error texts derive from it. */
export interface Flag {
  readonly name: string;
  /** What stands for the value in the usage page; a flag without is a boolean. */
  readonly value?: string;
  /** What counts when the flag is not given, for the usage page. */
  readonly fallback: string;
  readonly help: string;
}

/** The arguments cannot be understood; the message says which and what to do. Exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

/** The text given for each flag that was named. Throws `UsageError`. */
export function readFlags(args: readonly string[], flags: readonly Flag[]): Map<string, string> {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, name, value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(args[i]!) ?? [];
    if (name === undefined) throw new UsageError(`No flag takes the argument "${args[i]}"`);
    const flag = flags.find((flag) => flag.name === name);
    if (flag === undefined) throw new UsageError(`There is no flag -${name}`);
    if (flag.value !== undefined && value === undefined && i + 1 === args.length) {
      throw new UsageError(`Flag -${name} needs a value: ${flag.value}`);
    }
    given.set(name, value ?? (flag.value === undefined ? "true" : args[++i]!));
  }
  return given;
}

export function readBoolean(name: string, text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw new UsageError(`Flag -${name} is -${name} or -${name}=false, got "${text}"`);
}

export function readInteger(name: string, text: string, min: number, max: number): number {
  const number = /^\+?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`Flag -${name} is a whole number from ${min} to ${max}, got "${text}"`);
}

/** The usage page's table of flags. */
export function describeFlags(flags: readonly Flag[]): string {
  const heads = flags.map(({ name, value }) => value ? `-${name} ${value}` : `-${name}`);
  const width = Math.max(...heads.map((head) => head.length));
  return flags.map(({ help, fallback }, i) =>
    `  ${heads[i]!.padEnd(width)}  ${help} (${fallback})\n`
  ).join("");
}
