/** The script for fish: a line for each word there is. */
import type { Option, Suggestion } from "../options.ts";
import type { Subcommand } from "../table.ts";
import { asked, optionsOf, words } from "./facts.ts";

export function fish(rows: readonly Subcommand[]): string {
  return `# Completions of holdfast for fish: holdfast completions fish | source

function __holdfast_behind
  set -l words (commandline -opc)
  contains -- -- $words[3..-1]
end

# The command behind "--", which is another program's.
function __holdfast_command
  set -l words (commandline -opc)
  set -l at (contains -i -- -- $words)
  set -l command $words[(math $at + 1)..-1]
  complete -C (string join ' ' -- (string escape -- $command) (commandline -ct))
end

complete -c holdfast -f
complete -c holdfast -n __holdfast_behind -a '(__holdfast_command)'
${rows.map((row) => section(row, rows)).join("")}`;
}

function section(row: Subcommand, rows: readonly Subcommand[]): string {
  const here = `-n '__fish_seen_subcommand_from ${row.name}; and not __holdfast_behind'`;
  const lines = [
    `complete -c holdfast -n __fish_use_subcommand -a ${row.name} -d ${quotedFish(row.summary)}`,
    ...optionsOf(row).map((option) =>
      `complete -c holdfast ${here} ${optionSpec(option, row, rows)}`
    ),
  ];
  const names = list(row.operands.suggest, rows);
  if (names !== undefined) lines.push(`complete -c holdfast ${here} -a ${names}`);
  return `${lines.join("\n")}\n`;
}

function optionSpec(option: Option, row: Subcommand, rows: readonly Subcommand[]): string {
  const head = `${row.native ? "-o" : "-l"} ${option.name}`;
  const values = list(option.suggest, rows);
  const value = option.value === undefined ? "" : values === undefined ? " -x" : ` -x -a ${values}`;
  return `${head}${value} -d ${quotedFish(option.help)}`;
}

function list(suggest: Suggestion | undefined, rows: readonly Subcommand[]): string | undefined {
  if (suggest === "locks" || suggest === "pools") return quotedFish(`(${asked(suggest)})`);
  const known = words(suggest, rows);
  return known === undefined ? undefined : quotedFish(known.join(" "));
}

/** fish knows \\\\ and \\' within single quotes. */
function quotedFish(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
