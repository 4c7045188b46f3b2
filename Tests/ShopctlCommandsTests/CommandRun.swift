import FoundationEssentials
import Synchronization

@testable import ShopctlCommands

/// What a command that was run in process has written, and how it ended.
struct CommandRun {
    let status: ShopctlCommands.ExitStatus
    let output: String
    let notes: String

    /// Runs a command line.
    ///
    /// - Parameters:
    ///   - input: What it reads from standard input.
    ///   - width: The cells of the terminal that its output goes to; nil for no terminal.
    ///   - typed: The line that somebody types at a terminal; nil for no terminal.
    ///   - meanwhile: Done before that line is there.
    ///   - ahead: How far the clock of the host that it runs on is ahead, in seconds.
    init(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", terminal width: Int? = nil,
        typing typed: String? = nil, meanwhile: @escaping @Sendable () -> Void = {}, clock ahead: Double = 0
    ) async {
        let output = Texts()
        let notes = Texts()
        let context = CommandContext(
            environment: environment, standardInput: { Array(input.utf8) }, standardOutput: output.add,
            standardError: notes.add, isOutputTerminal: width != nil, outputWidth: width,
            isInputTerminal: typed != nil,
            readLine: {
                meanwhile()
                return typed
            }, now: { Date() + ahead },
            startLogging: { _, _, _ in }, obeysSignals: false)
        status = await Invocation.run(arguments, context)
        self.output = output.text
        self.notes = notes.text
    }
}

private final class Texts: Sendable {
    private let texts = Mutex("")
    var text: String { texts.withLock { $0 } }
    var add: @Sendable (String) -> Void { { [self] text in texts.withLock { $0 += text } } }
}
