/** The completions of the shells: small scripts that ask `rkllama __complete`. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function isShell(name: string): name is Shell {
  return shells.some((shell) => shell === name);
}

/** The completion script of a shell. It asks this program each time, and so never grows old. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

const scripts: Record<Shell, string> = {
  bash: `# bash completion for rkllama
_rkllama() {
  local words current line cword
  # bash takes a colon for the end of a word; names of models have colons.
  if declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
    _get_comp_words_by_ref -n : -w words -i cword
    words=("\${words[@]:1:cword}")
  else
    line="\${COMP_LINE:0:COMP_POINT}"
    read -ra words <<<"$line"
    words=("\${words[@]:1}")
    [[ "$line" == *[[:space:]] ]] && words+=("")
  fi
  current="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(rkllama __complete -- "\${words[@]}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then
    compopt -o default 2>/dev/null
  elif [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    # What stands before the last colon is no part of the word for bash.
    COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
  fi
}
complete -F _rkllama rkllama
`,
  zsh: `#compdef rkllama
_rkllama() {
  local -a found
  found=("\${(@f)$(rkllama __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#found} )) && [[ -n "$found[1]" ]]; then
    compadd -- "\${found[@]}"
  else
    _files
  fi
}
if [[ "$funcstack[1]" == _rkllama ]]; then
  _rkllama "$@"
else
  compdef _rkllama rkllama
fi
`,
  fish: `# fish completion for rkllama
function __rkllama_complete
    set -l words (commandline -opc) (commandline -ct)
    rkllama __complete -- $words[2..-1] 2>/dev/null
end
complete -c rkllama -a '(__rkllama_complete)'
`,
};
