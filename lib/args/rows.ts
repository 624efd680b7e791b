/** How flags and options are declared, and the error for arguments that do not fit. Pure. */
import { padColumns } from "../columns.ts";

/** A flag of the server or an option: usage pages, parsing and completions derive from this row. */
export interface Flag {
  /** Without dashes. parse_args gives "no-" at the front and "." anywhere a meaning of its own. */
  readonly name: string;
  /** Stands for the value on the usage page; a flag without it is a boolean. */
  readonly value?: string;
  /** What applies when the flag is not given, for the usage page. */
  readonly fallback?: string;
  readonly help: string;
}

/** How the arguments of a program are written. */
export interface ArgumentSyntax {
  /**
   * "go": flags only, shown with one dash, as Go programs take them; old start scripts rely on it.
   * "gnu": options, shown with two dashes, before and after the operands; "--" ends the options.
   */
  readonly style: "go" | "gnu";
  /** Whether the arguments after "--" are a command. Otherwise they are operands. */
  readonly takesCommand?: boolean;
}

/** Arguments that cannot be understood; the message says which ones and what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Returns the name as usage pages and error texts show it: "-port", "--wait". */
export function dashed(name: string, style: ArgumentSyntax["style"]): string {
  return style === "go" ? `-${name}` : `--${name}`;
}

/** Returns the usage page's table of flags, one line each. */
export function describeFlags(flags: readonly Flag[], style: ArgumentSyntax["style"]): string {
  const rows = flags.map(({ name, value, help, fallback = "" }) => [
    `  ${dashed(name, style)}${value === undefined ? "" : ` ${value}`}`,
    fallback === "" ? help : `${help} (${fallback})`,
  ]);
  return padColumns(rows).map((cells) => `${cells.join("  ").trimEnd()}\n`).join("");
}
