/** The script for zsh, which uses its _arguments. */
import type { CliOption, Subcommand, Suggestion } from "../options.ts";
import { fixedWords, namesCommand, optionsOf, optionWord, singleQuoted } from "./script_parts.ts";

export function zsh(rows: readonly Subcommand[]): string {
  return `#compdef holdfast
# Completions of holdfast for zsh: source <(holdfast completions zsh), or as _holdfast in $fpath

_holdfast_locks() { local -a names; names=("\${(@f)$(${
    namesCommand("locks")
  })}"); compadd -a names }
_holdfast_pools() { local -a names; names=("\${(@f)$(${
    namesCommand("pools")
  })}"); compadd -a names }

_holdfast() {
  local -a commands
  commands=(
${rows.map((row) => `    ${singleQuoted(`${row.name}:${row.summary}`)}\n`).join("")}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${rows.map((row) => `    ${row.name}) _arguments ${argumentsOf(row, rows)} ;;\n`).join("")}  esac
}

if [ "$funcstack[1]" = _holdfast ]; then _holdfast "$@"; else compdef _holdfast holdfast; fi
`;
}

function argumentsOf(row: Subcommand, rows: readonly Subcommand[]): string {
  const specs = optionsOf(row).map((option) => optionSpec(option, row, rows));
  const { usage, suggest } = row.operands;
  if (row.command !== undefined) {
    // Operands come before "--", then a command with its arguments.
    return [
      ...specs,
      `'*:name:${action(suggest, rows)}'`,
      `'(-)--[the command]:*:::command:_normal'`,
    ]
      .join(" ");
  }
  return usage === "" ? specs.join(" ") : [...specs, `'*:name:${action(suggest, rows)}'`].join(" ");
}

function optionSpec(option: CliOption, row: Subcommand, rows: readonly Subcommand[]): string {
  const head = `${optionWord(option, row)}[${escaped(option.help)}]`;
  if (option.value === undefined) return singleQuoted(head);
  return singleQuoted(`${head}:${option.value}:${action(option.suggest, rows)}`);
}

/** Escapes brackets and colons, which have a meaning in a spec. */
function escaped(help: string): string {
  return help.replace(/[\[\]:\\]/g, "\\$&");
}

function action(suggest: Suggestion | undefined, rows: readonly Subcommand[]): string {
  if (suggest === "locks" || suggest === "pools") return `_holdfast_${suggest}`;
  const words = fixedWords(suggest, rows);
  return words === undefined ? " " : `(${words.join(" ")})`;
}
