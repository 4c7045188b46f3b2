import FoundationEssentials
import Glibc
import Logging
import Telemetry

/// Everything a command takes from its surroundings, so that it can be run in process by a test.
struct CommandContext: Sendable {
    /// The environment's variables.
    var environment: [String: String]
    /// Reads standard input to its end.
    var standardInput: @Sendable () throws -> [UInt8]
    /// Writes data; throws ``OutputFailure`` if it cannot.
    var standardOutput: @Sendable (String) throws -> Void
    /// Writes everything that is not data.
    var standardError: @Sendable (String) -> Void
    /// Whether data goes to a terminal: then it may be coloured.
    var isOutputTerminal: Bool
    /// The time of day.
    var now: @Sendable () -> Date
    /// Sets up the process's logging; does nothing where somebody else has.
    var startLogging: @Sendable (LogFormat, Logger.Level, PrometheusRegistry?) -> Void
    /// Whether long-running commands end on SIGINT and SIGTERM.
    var obeysSignals: Bool

    /// Writes a line of data.
    func print(_ line: String) throws { try standardOutput(line + "\n") }

    /// Writes a line for people.
    func note(_ line: String) { standardError(line + "\n") }

    /// Whether people want colour, going by `NO_COLOR`, `TERM` and where the output goes.
    var isColoured: Bool {
        isOutputTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    /// The process itself.
    static var process: CommandContext {
        CommandContext(
            environment: ProcessInfo.processInfo.environment,
            standardInput: { try Descriptor.readAll(STDIN_FILENO) },
            standardOutput: { try Descriptor.write($0, to: STDOUT_FILENO) },
            // Nobody is left to be told of it.
            standardError: { try? Descriptor.write($0, to: STDERR_FILENO) },
            isOutputTerminal: isatty(STDOUT_FILENO) == 1,
            now: { Date() },
            startLogging: { Telemetry.bootstrap(logFormat: $0, level: $1, registry: $2) },
            obeysSignals: true)
    }
}
