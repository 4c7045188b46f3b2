/// The commands that `migrate` advises, with the options of the command line at hand: pasted as they are, they are about
/// the same databases, folder and shop.
struct MigrateAdvice: Sendable {
    /// The options to keep, as in `--dir` and `--dir 'my migrations'`.
    private let kept: [(flag: String, text: String)]
    private let createsDatabases: Bool

    /// - Parameter arguments: The words of the command line; none for advice that keeps nothing.
    init(_ arguments: [String] = []) {
        let words = Array(arguments.prefix { $0 != "--" })
        kept = ["--role", "--dir", "--context", "--config"].flatMap { flag in
            words.indices.compactMap { index -> (String, String)? in
                let isApart = words[index] == flag && index + 1 < words.count
                guard isApart || words[index].hasPrefix(flag + "=") else { return nil }
                let value = isApart ? words[index + 1] : String(words[index].dropFirst(flag.count + 1))
                return (flag, "\(flag) \(ShellText.word(value))")
            }
        }
        createsDatabases = words.contains("--create-databases")
    }

    /// A command with the options that it does not name itself; of other commands than `migrate` those that say which
    /// shop it is.
    func keeping(_ command: String) -> String {
        var words = command.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 1, words[0] == "shopctl", !words.contains("--help") else { return command }
        let missing = kept.filter { option in
            !words.contains { $0 == option.flag || $0.hasPrefix(option.flag + "=") }
        }
        guard words[1] == "migrate", words.count > 2 else {
            let isOfShop = ["doctor", "health", "queue", "status"].contains(words[1])
            let shop = missing.filter { isOfShop && ["--context", "--config"].contains($0.flag) }
            return ([command] + shop.map(\.text)).joined(separator: " ")
        }
        var options = missing.map(\.text)
        if createsDatabases, words[2] == "up", !words.contains("--create-databases") {
            options.append("--create-databases")
        }
        // Behind the role that the command names.
        words.insert(contentsOf: options, at: words.count > 4 && words[3] == "--role" ? 5 : 3)
        return words.joined(separator: " ")
    }

    /// Warns of applied migrations that differ from those at hand.
    func warn(of changed: [String], _ role: String, _ context: CommandContext) {
        guard !changed.isEmpty else { return }
        context.warn(
            "\(role): applied from other SQL than what is here: \(changed.joined(separator: ", ")); "
                + keeping("shopctl migrate verify --role \(role)"))
    }
}
