import ArgumentParser
import DevStack

/// Which private stack a command is about.
struct StackOption: ParsableArguments {
    /// Names the directory of the shop that a shell is pointed at.
    static let variable = "SHOPCTL_DEV_DIRECTORY"

    @Option(
        help: ArgumentHelp(
            """
            The shop's directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one (/var/lib/shopctl/dev for \
            root, ~/.local/state/shopctl/dev for others), or else the only ephemeral shop that runs.
            """, valueName: "dir"), completion: .directory)
    var dataDir: String?

    /// The directory of the stack.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be told which one is meant.
    func directory(_ context: CommandContext) throws -> String {
        if let named = named(context) { return named }
        let usual = Self.usual(context)
        if DevStack.isOwned(directory: usual) { return usual }
        // Stacks of test runs are none of ours.
        let ephemeral = DevStack.ephemeralStacks().filter { $0.variables[Self.variable] != nil }.map(\.directory)
        switch ephemeral.count {
        case 0: return usual
        case 1: return ephemeral[0]
        default:
            throw CommandFailure(
                .badData, "several private stacks are running: \(ephemeral.joined(separator: ", "))",
                hint: "say which: --data-dir \(ShellText.word(ephemeral[0]))")
        }
    }

    /// The directory that the option names, or else the variable.
    private func named(_ context: CommandContext) -> String? { dataDir ?? Self.ofShell(context) }

    /// The directory of a stack that is stopped: the only ephemeral one that runs is none of those.
    func stoppedDirectory(_ context: CommandContext) -> String { named(context) ?? Self.usual(context) }

    /// The directory for a stack that keeps its data, where no option names one.
    static func kept(_ context: CommandContext) -> String {
        // That of an ephemeral stack is deleted with it, whoever has made it anew.
        guard let named = ofShell(context), !DevStack.isEphemeral(directory: named) else { return usual(context) }
        return named
    }

    /// The directory of the shop that the shell is pointed at.
    private static func ofShell(_ context: CommandContext) -> String? {
        context.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    static func usual(_ context: CommandContext) -> String {
        DevStackOptions.defaultDirectory(environment: context.environment)
    }
}
