import ArgumentParser
import Hosting

/// Errors of the parser in the form of all others, with the nearest name that there is.
enum UsageError {
    /// The beginnings of what the parser writes behind an error.
    private static let behind = ["Usage:", "USAGE:", "OVERVIEW:", "Help:", "  See '"]

    /// - Parameter text: The parser's own words, with usage and help behind them.
    static func diagnosis(_ text: String, _ arguments: [String]) -> Diagnosis {
        var lines = text.split(separator: "\n").map(String.init)
        if let end = lines.firstIndex(where: { line in behind.contains(where: line.hasPrefix) }) {
            lines.removeSubrange(end...)
        }
        if lines.first?.hasPrefix("Error: ") == true { lines[0].removeFirst("Error: ".count) }
        // Its own suggestions are of names that have nothing in common with what was written.
        if let range = lines.first?.firstRange(of: ". Did you mean '") {
            lines[0] = String(lines[0][..<range.lowerBound])
        }
        let place = CommandTree.place(of: arguments)
        if lines.first?.hasSuffix(confirmation) == true, let command = again(arguments, "--yes") {
            return Diagnosis(.usage, lines.joined(separator: "\n"), .usage, hint: command)
        }
        // Of a command that is none the parser complains by what stands behind it.
        if let stray = place.stray {
            lines = ["there is no command '\((place.names + [stray]).joined(separator: " "))'"]
        }
        if let line = lines.first, let refused = RefusedValue(line, arguments) { lines = [refused.text] }
        let word = place.stray ?? lines.first.flatMap { quoted($0) }
        let near = word.flatMap { suggestion(for: $0, at: place) }
        if let early = earlyOption(lines.first, place, arguments) {
            return Diagnosis(
                .usage, (lines + ["options stand behind the command: \(early.form)"]).joined(separator: "\n"), .usage,
                hint: early.help)
        }
        if let near, !lines.isEmpty { lines[0] += ": is it '\(near)'?" }
        return Diagnosis(
            .usage, lines.joined(separator: "\n"), .usage,
            hint: lines.first?.contains("for '<queue>'") == true ? "shopctl queue list" : help(place))
    }

    /// The command that tells how a command is written.
    static func help(_ place: CommandTree.Place) -> String {
        (["shopctl"] + place.names + ["--help"]).joined(separator: " ")
    }

    /// The end of what a command says that does a deed to many only if that is confirmed.
    static let confirmation = ": say --yes, or --dry-run first"

    /// The same command with more words; nil if it cannot be written down so: a setting, or a URL, may hold a secret.
    static func again(_ arguments: [String], _ more: String...) -> String? {
        let mayHide = arguments.contains { $0 == "--" || $0.hasPrefix("--set") || $0.contains("://") }
        if mayHide { return nil }
        return (["shopctl"] + arguments.map(ShellText.word) + more).joined(separator: " ")
    }

    /// The form in which an option is written that stands before the command it is of, and that command's help.
    private static func earlyOption(
        _ message: String?, _ place: CommandTree.Place, _ arguments: [String]
    ) -> (form: String, help: String)? {
        guard let word = message.flatMap(quoted), word.hasPrefix("-") else { return nil }
        let rest = arguments.dropFirst(place.names.count)
        guard rest.first?.hasPrefix("-") == true,
            let begin = rest.firstIndex(where: { $0 != "help" && place.subcommands.contains($0) })
        else { return nil }
        // Values are not repeated: one may be a secret.
        let place = CommandTree.place(of: place.names + rest[begin...])
        return ("shopctl \(place.names.joined(separator: " ")) \(word) ...", help(place))
    }

    private static func suggestion(for word: String, at place: CommandTree.Place) -> String? {
        let bare = String(word.drop { $0 == "-" })
        let prefix = String(word.prefix { $0 == "-" })
        let names = prefix.isEmpty ? place.subcommands : place.flags
        // Behind '--' an option is none, and rightly spelt.
        return (Spelling.nearest(to: bare, among: names) ?? only(names, beginningWith: bare)).map { prefix + $0 }
            .flatMap { $0 == word ? nil : $0 }
    }

    /// The one name that begins with a word, as data-dir does with data.
    private static func only(_ names: [String], beginningWith word: String) -> String? {
        let whole = names.filter { $0.hasPrefix(word + "-") }
        return whole.count == 1 ? whole[0] : nil
    }

    /// The name that a message is about; nil if it is about something else.
    private static func quoted(_ message: String) -> String? {
        guard message.hasPrefix("Unknown option '") || message.hasPrefix("Unexpected argument '") else { return nil }
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        return parts.count > 2 ? String(parts[1]) : nil
    }
}
