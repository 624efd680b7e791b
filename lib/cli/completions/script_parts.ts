/** The parts that the scripts for the three shells share. Pure. */
import { dashed } from "../../args/rows.ts";
import { type CliOption, HELP, type Subcommand, type Suggestion } from "../options.ts";

/** Returns the option with its dashes: one for the server's flags, as on its usage page. */
export function optionWord({ name }: CliOption, { style = "gnu" }: Subcommand): string {
  return dashed(name, style);
}

export function optionsOf({ options }: Subcommand): readonly CliOption[] {
  return [...options, HELP];
}

/** Returns a shell command that prints the names, one per line; or nothing without a server. */
export function namesCommand(suggest: "locks" | "pools"): string {
  return `holdfast ${suggest} --names 2>/dev/null`;
}

/** Returns the words to put into the script; undefined when there are none, or the server knows. */
export function fixedWords(
  suggest: Suggestion | undefined,
  subcommands: readonly Subcommand[],
): readonly string[] | undefined {
  if (suggest === "commands") return subcommands.map(({ name }) => name);
  return typeof suggest === "object" ? suggest : undefined;
}

/** Returns the text in single quotes, for bash and zsh. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
