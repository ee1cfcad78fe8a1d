"""What `envform completion` prints. The scripts ask the program itself, so they never grow old."""

from __future__ import annotations

_BASH = r"""# Completion of envform for bash. In ~/.bashrc:  source <(envform completion bash)
_envform() {
    # Bash splits words at = and : too; put together again what has no blank between.
    local rest=${COMP_LINE:0:COMP_POINT} glued='' index word
    local -a words=()
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if ((index == COMP_CWORD)); then word=${rest#"${rest%%[![:space:]]*}"}; fi
        if [[ $glued ]]; then words[-1]+=$word; else words+=("$word"); fi
        rest=${rest#*"$word"}
        if [[ $rest == [[:space:]]* ]]; then glued=''; else glued=1; fi
    done
    local partial=${words[-1]} kind text about path
    local -a paths=()
    COMPREPLY=()
    while IFS=$'\t' read -r kind text about; do
        case $kind in
            file) compopt -o filenames; mapfile -t paths < <(compgen -f -- "${partial#"$text"}") ;;
            folder) compopt -o filenames; mapfile -t paths < <(compgen -d -- "${partial#"$text"}") ;;
            open) compopt -o nospace; COMPREPLY+=("$text") ;;
            word) COMPREPLY+=("$text") ;;
        esac
        for path in "${paths[@]}"; do COMPREPLY+=("$text$path"); done
    done < <("$1" __complete -- "${words[@]:1}" 2>/dev/null)
    # Of the word that is completed, bash wants only what follows its last split.
    local split=${partial%"$2"}
    COMPREPLY=("${COMPREPLY[@]#"$split"}")
}
complete -F _envform envform
"""

_ZSH = r"""#compdef envform
# Completion of envform for zsh. In ~/.zshrc, after compinit:  source <(envform completion zsh)
_envform() {
    local kind text about
    local -a whole open
    while IFS=$'\t' read -r kind text about; do
        case $kind in
            file) compset -P '-*='; _files ;;
            folder) compset -P '-*='; _files -/ ;;
            open) open+=("${text//:/\\:}:$about") ;;
            word) whole+=("${text//:/\\:}:$about") ;;
        esac
    done < <("${(Q)words[1]}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    if (( $#whole )); then _describe envform whole; fi
    if (( $#open )); then _describe envform open -S ''; fi
}
if [[ $funcstack[1] == _envform ]]; then _envform "$@"; else compdef _envform envform; fi
"""

_FISH = r"""# Completion of envform for fish. Keep it as ~/.config/fish/completions/envform.fish
function __envform_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case file folder
                set -l typed (string sub -s (math 1 + (string length -- "$parts[2]")) -- "$current")
                set -l paths
                if test $parts[1] = file
                    set paths (__fish_complete_path "$typed")
                else
                    set paths (__fish_complete_directories "$typed" '')
                end
                for path in $paths
                    printf '%s%s\n' "$parts[2]" $path
                end
            case '*'
                printf '%s\t%s\n' $parts[2] "$parts[3]"
        end
    end
end
complete -c envform -f -a '(__envform_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
