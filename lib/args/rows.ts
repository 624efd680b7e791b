/** The declarations of flags and options, and the error for invalid arguments. Pure. */
import { padColumns } from "../columns.ts";

/** A flag of the server or an option: usage pages, parsing and completions derive from this row. */
export interface Flag {
  /** Without dashes, a leading "no-", or ".": to `parseArgs` these have a meaning of their own. */
  readonly name: string;
  /** The placeholder of the value on the usage page; a flag without it is a boolean. */
  readonly value?: string;
  /** The default, as the usage page shows it. */
  readonly fallback?: string;
  readonly help: string;
}

/** How the arguments of a program are written. */
export interface ArgumentSyntax {
  /**
   * "go": flags only, shown with one dash, as in Go programs; old start scripts rely on this.
   * "gnu": options, shown with two dashes, before and after the operands; "--" ends the options.
   */
  readonly style: "go" | "gnu";
  /** Whether the arguments after "--" are a command. Otherwise they are operands. */
  readonly takesCommand?: boolean;
}

/** Invalid arguments; the message says which argument is wrong and what to write instead. */
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
