/** The script for zsh, in the words of its _arguments. */
import type { Option, Suggestion } from "../options.ts";
import type { Subcommand } from "../table.ts";
import { asked, optionsOf, quoted, typed, words } from "./facts.ts";

export function zsh(rows: readonly Subcommand[]): string {
  return `#compdef holdfast
# Completions of holdfast for zsh: source <(holdfast completions zsh), or as _holdfast in $fpath

_holdfast_locks() { local -a names; names=("\${(@f)$(${asked("locks")})}"); compadd -a names }
_holdfast_pools() { local -a names; names=("\${(@f)$(${asked("pools")})}"); compadd -a names }

_holdfast() {
  local -a commands
  commands=(
${rows.map((row) => `    ${quoted(`${row.name}:${row.summary}`)}\n`).join("")}  )
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
    // Names up to "--", then a command with what belongs to it.
    return [
      ...specs,
      `'*:name:${action(suggest, rows)}'`,
      `'(-)--[the command]:*:::command:_normal'`,
    ]
      .join(" ");
  }
  return usage === "" ? specs.join(" ") : [...specs, `'*:name:${action(suggest, rows)}'`].join(" ");
}

function optionSpec(option: Option, row: Subcommand, rows: readonly Subcommand[]): string {
  const head = `${typed(option, row)}[${escaped(option.help)}]`;
  if (option.value === undefined) return quoted(head);
  return quoted(`${head}:${option.value}:${action(option.suggest, rows)}`);
}

/** Brackets and colons have a meaning in a spec. */
function escaped(help: string): string {
  return help.replace(/[\[\]:\\]/g, "\\$&");
}

function action(suggest: Suggestion | undefined, rows: readonly Subcommand[]): string {
  if (suggest === "locks" || suggest === "pools") return `_holdfast_${suggest}`;
  const known = words(suggest, rows);
  return known === undefined ? " " : `(${known.join(" ")})`;
}
