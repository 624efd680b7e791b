/** The script for bash; works without the package bash-completion, but better with it. */
import type { Subcommand, Suggestion } from "../options.ts";
import { fixedWords, namesCommand, optionsOf, optionWord, singleQuoted } from "./script_parts.ts";

export function bash(rows: readonly Subcommand[]): string {
  return `# Completions of holdfast for bash: source <(holdfast completions bash)

_holdfast() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words='' options='' i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${singleQuoted(rows.map(({ name }) => name).join("\n"))}
  else
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [ "\${COMP_WORDS[i]}" = -- ]; then
        _holdfast_command "$((i + 1))"
        return
      fi
    done
    case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}" in
${rows.map((row) => valueCases(row, rows)).join("")}      *)
        case "\${COMP_WORDS[1]} $cur" in
${rows.map((row) => wordCases(row, rows)).join("")}        esac
        ;;
    esac
  fi
  # Not by compgen -W: it would expand, and so execute, text that clients put into names of locks.
  local word quoted
  while IFS= read -r word; do
    [ -n "$word" ] || continue
    printf -v quoted %q "$word"
    case "$quoted" in "$cur"*) COMPREPLY+=("$quoted"); continue ;; esac
    case "$word" in "$cur"*) COMPREPLY+=("$quoted") ;; esac
  done <<<"$words"
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}

# The command after "--", which has completions of its own.
_holdfast_command() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [ "$COMP_CWORD" -eq "$1" ]; then
    COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}"))
  else
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
}

complete -o default -F _holdfast holdfast
`;
}

/** Returns the `case` branches for the value of an option. */
function valueCases(row: Subcommand, rows: readonly Subcommand[]): string {
  return row.options.filter(({ value }) => value !== undefined).map((option) => {
    const pattern = singleQuoted(`${row.name} ${optionWord(option, row)}`);
    return `      ${pattern}) ${assign(option.suggest, rows)} ;;\n`;
  }).join("");
}

/** Returns the `case` branches for options and operands. */
function wordCases(row: Subcommand, rows: readonly Subcommand[]): string {
  const options = optionsOf(row).map((option) => optionWord(option, row)).join("\n");
  const dashes = row.command === undefined ? options : `${options}\n--`;
  return `          ${singleQuoted(`${row.name} -`)}*) words=${singleQuoted(dashes)} ;;\n` +
    `          ${singleQuoted(`${row.name} `)}*) ${assign(row.operands.suggest, rows)} ;;\n`;
}

function assign(suggest: Suggestion | undefined, rows: readonly Subcommand[]): string {
  if (suggest === "locks" || suggest === "pools") return `words=$(${namesCommand(suggest)})`;
  const words = fixedWords(suggest, rows);
  return words === undefined ? "return" : `words=${singleQuoted(words.join("\n"))}`;
}
