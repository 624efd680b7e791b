/** The script for bash; works without the package bash-completion, and better with it. */
import type { Suggestion } from "../options.ts";
import type { Subcommand } from "../table.ts";
import { asked, optionsOf, quoted, typed, words } from "./facts.ts";

export function bash(rows: readonly Subcommand[]): string {
  return `# Completions of holdfast for bash: source <(holdfast completions bash)

_holdfast() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words='' options='' i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quoted(rows.map(({ name }) => name).join("\n"))}
  else
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [ "\${COMP_WORDS[i]}" = -- ]; then
        _holdfast_behind "$((i + 1))"
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
  # Not by compgen -W: that would carry out what strangers have put into the names of locks.
  local word quoted
  while IFS= read -r word; do
    [ -n "$word" ] || continue
    printf -v quoted %q "$word"
    case "$quoted" in "$cur"*) COMPREPLY+=("$quoted"); continue ;; esac
    case "$word" in "$cur"*) COMPREPLY+=("$quoted") ;; esac
  done <<<"$words"
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}

# The command behind "--", which is another program's.
_holdfast_behind() {
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

/** What may follow each option that takes a value. */
function valueCases(row: Subcommand, rows: readonly Subcommand[]): string {
  return row.options.filter(({ value }) => value !== undefined).map((option) => {
    const pattern = quoted(`${row.name} ${typed(option, row)}`);
    return `      ${pattern}) ${assign(option.suggest, rows)} ;;\n`;
  }).join("");
}

function wordCases(row: Subcommand, rows: readonly Subcommand[]): string {
  const options = optionsOf(row).map((option) => typed(option, row)).join("\n");
  const dashes = row.command === undefined ? options : `${options}\n--`;
  return `          ${quoted(`${row.name} -`)}*) words=${quoted(dashes)} ;;\n` +
    `          ${quoted(`${row.name} `)}*) ${assign(row.operands.suggest, rows)} ;;\n`;
}

function assign(suggest: Suggestion | undefined, rows: readonly Subcommand[]): string {
  if (suggest === "locks" || suggest === "pools") return `words=$(${asked(suggest)})`;
  const known = words(suggest, rows);
  return known === undefined ? "return" : `words=${quoted(known.join("\n"))}`;
}
