import Glibc
import Hosting
import NIOHTTP1
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import DevStack

/// A `shopctl serve` that a test may stop, kill, freeze and start again at the same addresses.
final class ServerProcess: Sendable {
    let roles: [Role]
    /// Health and metrics.
    let admin: RESTClient

    private let command: Command
    /// The file that its output is added to.
    let log: String
    /// The file that tells it where to crash.
    private let crashPoint: String
    private let child = Mutex<ChildProcess?>(nil)

    /// - Parameters:
    ///   - settings: Its settings, as environment variables.
    ///   - adminPort: The port its settings name for the admin listener.
    ///   - directory: Where its log is kept.
    ///   - replica: Which of several processes with these roles it is, from 0.
    ///   - openFiles: How many descriptors it may have at most (`ulimit -n`); nil for as many as the tests.
    ///   - program: The file that is run; nil for the one beside the tests.
    init(
        roles: [Role], replica: Int = 0, settings: [String: String], adminPort: Int, directory: String,
        openFiles: Int? = nil, program: String? = nil
    ) throws {
        let isWhole = roles == Role.allCases
        self.roles = roles
        admin = RESTClient(origin: "http://127.0.0.1:\(adminPort)")
        let program = try program ?? Shopctl.program()
        let arguments = ["serve"] + (isWhole ? ["all"] : roles.map(\.rawValue))
        let limited = ["-c", "ulimit -n \(openFiles ?? 0) && exec \"$0\" \"$@\"", program] + arguments
        let name = isWhole ? "all" : roles.map(\.rawValue).joined(separator: "-")
        let file = "\(directory)/\(name)\(replica == 0 ? "" : "-\(replica + 1)")"
        log = file + ".log"
        crashPoint = file + ".crash"
        command = Command(
            program: openFiles == nil ? program : "/bin/sh",
            arguments: openFiles == nil ? arguments : limited,
            environment: Shopctl.baseEnvironment.merging(settings) { _, own in own }
                .merging(["SHOPCTL_CRASH_POINT_FILE": crashPoint]) { _, own in own }, directory: "/")
    }

    /// Starts it and returns when it is ready.
    func start() async throws {
        try await launch()
        try await awaitReady()
    }

    /// Starts it.
    func launch() async throws {
        let started = try await ChildProcess.start(command, log: log)
        child.withLock { $0 = started }
    }

    /// Returns when it is ready.
    ///
    /// - Throws: ``ServerEnded`` if it does not run, or ends.
    func awaitReady() async throws {
        try await eventually("\(roles) is ready", timeout: .seconds(120), interval: .milliseconds(50)) {
            let status = child.withLock { $0 }.map(\.status)
            guard case .some(.none) = status else {
                throw ServerEnded(text: "\(roles) ended (\(String(describing: status))):\n\(logTail)")
            }
            return await isReady
        }
    }

    /// Whether it takes requests, by its own word.
    var isReady: Bool {
        get async { (try? await admin.send(.GET, "/readyz").status) == 200 }
    }

    /// What it has logged last.
    var logTail: String {
        logText.split(separator: "\n").suffix(40).joined(separator: "\n")
    }

    /// All that it has logged; nothing if that went into a pipe.
    var logText: String {
        guard isRegularFile(log) else { return "" }
        return String(decoding: readSmallFile(log) ?? [], as: UTF8.self)
    }

    /// How many descriptors it has open; nil if it does not run.
    var descriptors: Int? { child.withLock { $0 }.map { ProcessFigures.descriptors(of: "\($0.pid)") } }

    /// Kills it (`SIGKILL`) and returns when it has ended.
    func kill() async {
        guard let running = child.withLock({ $0 }) else { return }
        running.send(SIGKILL)
        await running.ended()
        child.withLock { $0 = nil }
    }

    /// Has it kill itself (`SIGKILL`) at a place of `CrashPoint`, returns when it has, and starts it again.
    ///
    /// - Parameter body: What leads it there.
    func crash<Result: Sendable>(
        at point: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        try writeFileAtomically(crashPoint, Array(point.utf8), mode: 0o600)
        let result = try await body()
        await child.withLock { $0 }?.ended()
        child.withLock { $0 = nil }
        unlink(crashPoint)
        try await start()
        return result
    }

    /// Freezes it: its connections stay open, and it does nothing.
    func freeze() { child.withLock { $0 }?.send(SIGSTOP) }

    /// Ends a ``freeze()``.
    func thaw() { child.withLock { $0 }?.send(SIGCONT) }

    /// Stops it as an operator does, and expects that it ends well. Nothing happens if it does not run.
    func stop() async {
        guard let running = child.withLock({ $0 }) else { return }
        running.send(SIGCONT)
        running.send(SIGTERM)
        if await !running.ended(within: .seconds(60)) {
            Issue.record("\(roles) does not stop:\n\(logTail)")
            running.send(SIGKILL)
            await running.ended()
        } else {
            #expect(running.status == .exited(0), "\(roles) after SIGTERM:\n\(logTail)")
        }
        child.withLock { $0 = nil }
    }
}

/// A server ended that should run.
struct ServerEnded: Error, CustomStringConvertible {
    let text: String

    var description: String { text }
}

/// Ports for servers of this run: below those that the kernel gives to outgoing connections, so that a server that is
/// started again finds its own free, and no two alike.
enum Ports {
    static func next() throws -> Int { try FreePort.choose() }
}
