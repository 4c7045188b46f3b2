import ArgumentParser
import DevStack

/// Which private stack a command is about.
struct StackOption: ParsableArguments {
    /// Names the directory of the shop that a shell is pointed at.
    static let variable = "SHOPCTL_DEV_DIRECTORY"

    @Option(
        help: ArgumentHelp(
            """
            The shop's directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one, or else the only \
            ephemeral shop that runs.
            """, valueName: "dir"), completion: .directory)
    var dataDir: String?

    /// The directory of the stack.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be told which one is meant.
    func directory(_ context: CommandContext) throws -> String {
        if let dataDir { return dataDir }
        if let directory = context.environment[Self.variable], !directory.isEmpty { return directory }
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

    static func usual(_ context: CommandContext) -> String {
        DevStackOptions.defaultDirectory(environment: context.environment)
    }
}
