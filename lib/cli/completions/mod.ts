/**
 * `holdfast completions SHELL`: a script that makes the shell complete subcommands, options and
 * values, out of the table. Names of locks and pools are asked of the server as one types.
 */
import { UsageError } from "../../server/flags.ts";
import type { ParsedOptions } from "../options.ts";
import type { Subcommand } from "../table.ts";
import { print } from "../usage.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

const SCRIPTS = new Map([["bash", bash], ["zsh", zsh], ["fish", fish]]);

export function completions(given: ParsedOptions, rows: readonly Subcommand[]): Promise<number> {
  const [shell = ""] = given.operands;
  const script = SCRIPTS.get(shell);
  if (script !== undefined) return print(script(rows));
  throw new UsageError(`Shells are ${[...SCRIPTS.keys()].join(", ")}, got "${shell}"`);
}
