/** The shells whose completion there is. */
export type Shell = "bash" | "zsh" | "fish";

/**
 * The script that teaches a shell to complete `mlforge`. It asks the command of the project it is called in, else that of the path, which prints
 * nothing where only the names of files can follow. Words are handed over as they are, and never evaluated.
 */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell];
}

const findCommand = `__mlforge_command() {
  local folder="$PWD"
  while [ -n "$folder" ]; do
    if [ -x "$folder/node_modules/.bin/mlforge" ]; then
      printf '%s' "$folder/node_modules/.bin/mlforge"
      return
    fi
    folder="\${folder%/*}"
  done
  printf '%s' mlforge
}`;

const bash = `# Completes mlforge in bash. Made by: mlforge completion bash
${findCommand}

__mlforge_complete() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(command "$(__mlforge_command)" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -o bashdefault -o default -F __mlforge_complete mlforge
`;

const zsh = `#compdef mlforge
# Completes mlforge in zsh. Made by: mlforge completion zsh
${findCommand}

_mlforge() {
  local line value
  local -a candidates
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done < <(command "$(__mlforge_command)" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} > 0 )); then
    _describe mlforge candidates
  else
    _files
  fi
}

if [ "\${funcstack[1]}" = _mlforge ]; then
  _mlforge "$@"
else
  compdef _mlforge mlforge
fi
`;

const fish = `# Completes mlforge in fish. Made by: mlforge completion fish
function __mlforge_command
    set -l folder $PWD
    while test -n "$folder"
        if test -x "$folder/node_modules/.bin/mlforge"
            echo "$folder/node_modules/.bin/mlforge"
            return
        end
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    echo mlforge
end

function __mlforge_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (__mlforge_command)
    set -l found (command $program complete -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end

complete -c mlforge -f -a '(__mlforge_complete)'
`;
