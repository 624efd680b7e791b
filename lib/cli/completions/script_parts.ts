/** The parts that the scripts for the three shells share. Pure. */
import { dashed } from "../../args/rows.ts";
import { type CliOption, HELP, type Subcommand, type Suggestion } from "../options.ts";

/** Returns the option with its dashes: the server's flags have one, as its usage page shows them. */
export function optionWord({ name }: CliOption, { style = "gnu" }: Subcommand): string {
  return dashed(name, style);
}

export function optionsOf({ options }: Subcommand): readonly CliOption[] {
  return [...options, HELP];
}

/** Returns a shell command that prints the names, one per line; nothing without a server. */
export function namesCommand(suggest: "locks" | "pools"): string {
  return `holdfast ${suggest} --names 2>/dev/null`;
}

/** Returns the words that the script can list itself; undefined when the server knows them, or none. */
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
