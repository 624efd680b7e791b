/**
 * `holdfast completions SHELL`: prints a script that completes subcommands, options and values,
 * derived from the rows of the subcommands. The script asks the server for lock and pool names.
 */
import type { ParsedArguments } from "../../args/parse.ts";
import { readOneOf } from "../../args/values.ts";
import type { Subcommand } from "../options.ts";
import { SHELLS } from "../table.ts";
import { print } from "../usage.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

const SCRIPTS = { bash, zsh, fish };

/** Prints the script for the given shell. Throws `UsageError` for an unsupported shell. */
export function completions(
  args: ParsedArguments,
  subcommands: readonly Subcommand[],
): Promise<number> {
  const shell = readOneOf(args.operands[0] ?? "", "SHELL", SHELLS);
  return print(SCRIPTS[shell](subcommands));
}
