extension CompletionCommand.Shell {
    /// The script in which a value with a colon, such as `confirm:customers`, is one word: bash takes words apart at
    /// colons, and zsh takes what stands behind one for a description.
    func wholeWords(_ script: String) -> String {
        switch self {
        case .bash:
            script.replacing(
                "complete -o filenames -F _shopctl shopctl",
                with: Self.bashWrapper + "complete -o filenames -F __shopctl_whole_words shopctl")
        case .zsh:
            script.replacing(
                #"local -ar non_empty_completions=("${@:#(|:*)}")"#,
                with: #"""
                    local -a non_empty_completions=("${@:#(|:*)}")
                        non_empty_completions=("${(@)non_empty_completions//:/\\:}")
                    """#)
        case .fish: script
        }
    }

    private static let bashWrapper = #"""
        __shopctl_whole_words() {
            if [[ "${COMP_WORDBREAKS}" != *:* ]]; then
                _shopctl "${@}"
                return
            fi
            local -a words=()
            local -i index cword=0
            local word is_joined=false
            for index in "${!COMP_WORDS[@]}"; do
                word="${COMP_WORDS[index]}"
                if [[ "${#words[@]}" -gt 0 ]] && { [[ "${word}" = : ]] || "${is_joined}"; }; then
                    words[-1]+="${word}"
                else
                    words+=("${word}")
                fi
                is_joined=false
                [[ "${word}" = : ]] && is_joined=true
                [[ "${index}" -eq "${COMP_CWORD}" ]] && cword="$((${#words[@]} - 1))"
            done
            local -r whole="${words[cword]}" before="${words[cword - 1]}"
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD="${cword}"
            _shopctl "${1}" "${whole}" "${before}"
            # The shell puts what is offered behind the last colon.
            local -r kept="${whole%"${whole##*:}"}"
            COMPREPLY=("${COMPREPLY[@]#"${kept}"}")
        }


        """#
}
