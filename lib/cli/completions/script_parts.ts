/** What all three scripts say, each in its own language. Pure. */
import { HELP, type Option, type Shape, type Suggestion } from "../options.ts";
import type { Subcommand } from "../table.ts";

/** As it is typed: the server's flags have one dash, as its page shows them. */
export function typed({ name }: Option, row: Subcommand): string {
  return row.native ? `-${name}` : `--${name}`;
}

export function optionsOf(row: Shape): readonly Option[] {
  return [...row.options, HELP];
}

/** A command of the shell that prints the names, a line each; nothing when nobody answers. */
export function asked(suggest: "locks" | "pools"): string {
  return `holdfast ${suggest} --names 2>/dev/null`;
}

/** The words that can be told now; undefined when they have to be asked for, or nobody knows. */
export function words(
  suggest: Suggestion | undefined,
  rows: readonly Subcommand[],
): readonly string[] | undefined {
  if (suggest === "commands") return rows.map(({ name }) => name);
  return typeof suggest === "object" ? suggest : undefined;
}

/** A text in single quotes, for bash and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
