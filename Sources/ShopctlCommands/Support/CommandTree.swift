import ArgumentParser
import FoundationEssentials

/// The commands and their flags, as the parser tells of them.
enum CommandTree {
    /// A command that a command line names, as far as it can be followed.
    struct Place: Sendable {
        var names: [String] = []
        var subcommands: [String] = []
        /// The word that stands where one of ``subcommands`` should, and is none; nil if there is no such word.
        var stray: String?
        /// Without their dashes.
        var flags: [String] = []
    }

    private struct Dump: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let arguments: [Argument]?
    }

    private struct Argument: Decodable {
        let shouldDisplay: Bool
        let names: [Name]?
    }

    private struct Name: Decodable {
        let kind: String
        let name: String
    }

    /// Finds the command that a command line names.
    static func place(of arguments: [String]) -> Place {
        let (command, names) = command(of: arguments)
        let subcommands = command.configuration.subcommands.map { $0._commandName }
        let isRoot = names.isEmpty
        let known = subcommands + (isRoot ? ["help"] : [])
        let next = arguments.dropFirst(names.count).first
        let isStray = next.map { !subcommands.isEmpty && !$0.hasPrefix("-") && !known.contains($0) } ?? false
        return Place(
            names: names, subcommands: known, stray: isStray ? next : nil,
            flags: subcommands.isEmpty ? flags(of: command) : ["help"] + (isRoot ? ["version"] : []))
    }

    /// The command that a command line names, as far as it can be followed, and the names that lead to it.
    static func command(of arguments: [String]) -> (command: any ParsableCommand.Type, names: [String]) {
        var command: any ParsableCommand.Type = Shopctl.self
        var names: [String] = []
        for word in arguments {
            guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else { break }
            command = next
            names.append(word)
        }
        return (command, names)
    }

    /// Only a command without others below it is asked: the parser tells of all those with it, which takes seconds for the
    /// whole tree.
    private static func flags(of command: any ParsableCommand.Type) -> [String] {
        guard let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)) else { return [] }
        return (dump.command.arguments ?? []).filter(\.shouldDisplay)
            .flatMap { ($0.names ?? []).filter { $0.kind == "long" }.map(\.name) }
    }
}
