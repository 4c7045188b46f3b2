import ArgumentParser

extension CompletionCommand.Shell {
    /// The script in which `help` is followed by commands: the parser takes its argument for any text.
    func withHelp(_ script: String) -> String {
        let names = Shopctl.configuration.subcommands.map { $0._commandName }
        let commands = names.joined(separator: " ")
        switch self {
        case .bash:
            let words = names.joined(separator: #"'$'\n''"#)
            let offer = """
                _shopctl_help() {
                    repeating_flags=()
                    non_repeating_flags=(--version)
                    repeating_options=()
                    non_repeating_options=()
                    __shopctl_offer_flags_options -1

                """
            return script.replacing(
                offer,
                with: offer + """

                        # Offer positional completions
                        if [[ "${COMP_CWORD}" -eq 2 ]]; then
                            __shopctl_add_completions -W '\(words)'
                        fi

                    """)
        case .zsh:
            let any = "        '*:subcommands:'\n"
            return script.replacing(any, with: "        '1:subcommands:(\(commands))'\n" + any)
        case .fish:
            let condition = #"'__shopctl_should_offer_completions_for_positional "shopctl help" -eq 1'"#
            return script + "complete -c 'shopctl' -n \(condition) -fka '\(commands)'\n"
        }
    }
}
