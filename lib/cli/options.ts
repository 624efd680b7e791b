/**
 * Declares the table row of a subcommand, and reads arguments according to the row. Usage pages,
 * parsing and completions derive from these rows. lib/args/ reads the options; this file counts the
 * operands. Pure.
 */
import { parseArguments, type ParsedArguments } from "../args/parse.ts";
import { type ArgumentSyntax, type Flag, UsageError } from "../args/rows.ts";

/** What a shell may offer for a value or an operand. */
export type Suggestion = "locks" | "pools" | "commands" | readonly string[];

/** An option of a subcommand. */
export interface CliOption extends Flag {
  readonly suggest?: Suggestion;
}

/** The arguments of a subcommand that are not options. */
export interface Operands {
  /** As the usage page shows them: "LOCK...", "[PREFIX]". */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  readonly suggest?: Suggestion;
}

/** The row of a subcommand; `options` leaves out `HELP`, which every subcommand has. */
export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CliOption[];
  readonly operands: Operands;
  /** The arguments after "--" as the usage page shows them; undefined if there is no command. */
  readonly command?: string;
  /** "go" for the server; otherwise "gnu". */
  readonly style?: ArgumentSyntax["style"];
}

export const HELP: CliOption = { name: "help", help: "show this page" };

/** Reads the arguments of a subcommand. Throws `UsageError`. */
export function readOptions(args: readonly string[], subcommand: Subcommand): ParsedArguments {
  const { options, command, name } = subcommand;
  const takesCommand = command !== undefined;
  if (takesCommand && !args.includes("--")) {
    throw new UsageError(
      `Cannot ${name}: "--" and the command are missing; write ${usageOf(subcommand)}`,
    );
  }
  const parsed = parseArguments(args, options, { style: "gnu", takesCommand });
  if (takesCommand && parsed.command.length === 0) {
    throw new UsageError(
      `Cannot ${name}: the command after "--" is missing; write ${usageOf(subcommand)}`,
    );
  }
  checkOperands(parsed.operands, subcommand);
  return parsed;
}

function checkOperands(operands: readonly string[], { operands: row, name }: Subcommand): void {
  if (operands.length < row.min) throw new UsageError(`Cannot ${name}: ${row.usage} is missing`);
  if (operands.length > row.max) {
    const limit = row.max === 0 ? "no arguments" : `only ${row.usage}`;
    throw new UsageError(`Cannot use "${operands[row.max]}": ${name} takes ${limit}`);
  }
}

/** Returns a usage line: "holdfast run [OPTIONS] LOCK... -- COMMAND [ARGUMENT...]". */
export function usageOf({ name, options, operands, command }: Subcommand): string {
  const parts = ["holdfast", name];
  if (options.length > 0) parts.push("[OPTIONS]");
  if (operands.usage !== "") parts.push(operands.usage);
  if (command !== undefined) parts.push("--", command);
  return parts.join(" ");
}
