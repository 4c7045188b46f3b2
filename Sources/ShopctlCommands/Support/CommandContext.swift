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
    /// Writes data.
    var standardOutput: @Sendable (String) -> Void
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
    func print(_ line: String) { standardOutput(line + "\n") }

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
            standardOutput: { Descriptor.write($0, to: STDOUT_FILENO) },
            standardError: { Descriptor.write($0, to: STDERR_FILENO) },
            isOutputTerminal: isatty(STDOUT_FILENO) == 1,
            now: { Date() },
            startLogging: { Telemetry.bootstrap(logFormat: $0, level: $1, registry: $2) },
            obeysSignals: true)
    }
}

/// Plain reads and writes of whole texts.
enum Descriptor {
    /// Writes all of it; gives up quietly when nobody reads any more.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    static func readAll(_ descriptor: Int32, limit: Int = 16 << 20) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure(.badData, "cannot read: \(String(cString: strerror(errno)))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw CommandFailure(.badData, "the input is longer than \(limit >> 20) MiB")
    }

    /// A whole file; `-` is standard input.
    static func readFile(_ path: String, _ context: CommandContext) throws -> [UInt8] {
        if path == "-" { return try context.standardInput() }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let status: ExitStatus = errno == ENOENT ? .notFound : errno == EACCES ? .notAllowed : .badData
            throw CommandFailure(status, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try readAll(descriptor)
    }
}
