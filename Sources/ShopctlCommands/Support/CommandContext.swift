import FoundationEssentials
import Glibc
import Hosting
import Logging
import Telemetry

/// Everything a command takes from its surroundings, so that it can be run in process by a test.
struct CommandContext: Sendable {
    /// The environment's variables.
    var environment: [String: String]
    /// The shop that the operator has named; nil for none.
    var shop: ShopContext?
    /// Reads standard input to its end.
    var standardInput: @Sendable () throws -> [UInt8]
    /// Writes data; throws ``OutputFailure`` if it cannot.
    var standardOutput: @Sendable (String) throws -> Void
    /// Writes everything that is not data.
    var standardError: @Sendable (String) -> Void
    /// Whether data goes to a terminal: then it may be coloured.
    var isOutputTerminal: Bool
    /// The cells of that terminal's lines; nil if it does not tell.
    var outputWidth: Int?
    /// The lines of that terminal; nil if it does not tell.
    var outputHeight: Int?
    var isErrorTerminal = false
    /// Whether somebody can be asked.
    var isInputTerminal = false
    /// A line that somebody has typed, without its end; nil at the end of the input.
    var readLine: @Sendable () -> String? = { Swift.readLine() }
    /// The time of day.
    var now: @Sendable () -> Date
    /// Sets up the process's logging; does nothing where somebody else has.
    var startLogging: @Sendable (LogFormat, Logger.Level, PrometheusRegistry?) -> Void
    /// Whether long-running commands end on SIGINT and SIGTERM.
    var obeysSignals: Bool
    /// The words of the command line, without the program's name.
    var arguments: [String] = []
    /// The way in which notes and errors are told.
    var voice = Voice()

    /// Writes a line of data.
    func print(_ line: String) throws { try standardOutput(line + "\n") }

    /// Tells people something beside the data, which they may have asked not to be told.
    func note(_ line: String) {
        if !voice.isQuiet { voice.tell(line, standardError) }
    }

    /// Tells people something beside the data that they must know.
    func warn(_ line: String) { voice.tell("warning: \(line)", standardError) }

    /// Whether a stream is coloured, going by what was asked for, `NO_COLOR`, `TERM` and where it goes.
    func isColoured(_ choice: ColorChoice, isTerminal: Bool) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto: isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }

    /// The process itself.
    static var process: CommandContext {
        let environment = ProcessInfo.processInfo.environment
        return CommandContext(
            environment: environment,
            standardInput: { try Descriptor.readAll(STDIN_FILENO) },
            standardOutput: { try Descriptor.write($0, to: STDOUT_FILENO) },
            standardError: { StandardError.write($0) },
            isOutputTerminal: isatty(STDOUT_FILENO) == 1,
            outputWidth: Descriptor.terminalWidth(STDOUT_FILENO) ?? environment["COLUMNS"].flatMap { Int($0) },
            outputHeight: Descriptor.terminalHeight(STDOUT_FILENO),
            isErrorTerminal: isatty(STDERR_FILENO) == 1, isInputTerminal: isatty(STDIN_FILENO) == 1,
            now: { Date() },
            startLogging: { Telemetry.bootstrap(logFormat: $0, level: $1, registry: $2) },
            obeysSignals: true)
    }
}
