import ArgumentParser
import FoundationEssentials

/// The commands and their flags, as the parser tells of them.
enum CommandTree {
    /// A command that a command line names, as far as it can be followed.
    struct Place: Sendable {
        var names: [String] = []
        var subcommands: [String] = []
        /// Without their dashes.
        var flags: [String] = []
    }

    private struct Dump: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let commandName: String
        let subcommands: [Command]?
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

    static func place(of arguments: [String]) -> Place {
        guard let dump = try? JSONDecoder().decode(Dump.self, from: Data(Shopctl._dumpHelp().utf8)) else {
            return Place()
        }
        var command = dump.command
        var names: [String] = []
        for word in arguments {
            guard let next = command.subcommands?.first(where: { $0.commandName == word }) else { break }
            command = next
            names.append(word)
        }
        return Place(
            names: names, subcommands: command.subcommands?.map(\.commandName) ?? [],
            flags: (command.arguments ?? []).filter(\.shouldDisplay)
                .flatMap { ($0.names ?? []).filter { $0.kind == "long" }.map(\.name) })
    }
}
