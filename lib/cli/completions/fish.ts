/** The script for fish: one line per subcommand, option and list of operands. */
import type { CliOption, Subcommand, Suggestion } from "../options.ts";
import { fixedWords, namesCommand, optionsOf } from "./script_parts.ts";

export function fish(rows: readonly Subcommand[]): string {
  return `# Completions of holdfast for fish: holdfast completions fish | source

function __holdfast_after_dashes
  set -l words (commandline -opc)
  contains -- -- $words[3..-1]
end

# The command after "--", which has completions of its own.
function __holdfast_command
  set -l words (commandline -opc)
  set -l at (contains -i -- -- $words)
  set -l command $words[(math $at + 1)..-1]
  complete -C (string join ' ' -- (string escape -- $command) (commandline -ct))
end

complete -c holdfast -f
complete -c holdfast -n __holdfast_after_dashes -a '(__holdfast_command)'
${rows.map((row) => section(row, rows)).join("")}`;
}

function section(row: Subcommand, rows: readonly Subcommand[]): string {
  const here = `-n '__fish_seen_subcommand_from ${row.name}; and not __holdfast_after_dashes'`;
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

function optionSpec(option: CliOption, row: Subcommand, rows: readonly Subcommand[]): string {
  const head = `${row.style === "go" ? "-o" : "-l"} ${option.name}`;
  const values = list(option.suggest, rows);
  const value = option.value === undefined ? "" : values === undefined ? " -x" : ` -x -a ${values}`;
  return `${head}${value} -d ${quotedFish(option.help)}`;
}

function list(suggest: Suggestion | undefined, rows: readonly Subcommand[]): string | undefined {
  if (suggest === "locks" || suggest === "pools") return quotedFish(`(${namesCommand(suggest)})`);
  const words = fixedWords(suggest, rows);
  return words === undefined ? undefined : quotedFish(words.join(" "));
}

/** Returns the text in single quotes, within which fish reads only the escapes \\\\ and \\'. */
function quotedFish(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
