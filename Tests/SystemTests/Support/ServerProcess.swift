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
    private let log: String
    private let child = Mutex<ChildProcess?>(nil)

    /// - Parameters:
    ///   - settings: Its settings, as environment variables.
    ///   - adminPort: The port its settings name for the admin listener.
    ///   - directory: Where its log is kept.
    ///   - openFiles: How many descriptors it may have at most (`ulimit -n`); nil for as many as the tests.
    init(
        roles: [Role], settings: [String: String], adminPort: Int, directory: String, openFiles: Int? = nil
    ) throws {
        let isWhole = roles == Role.allCases
        self.roles = roles
        admin = RESTClient(origin: "http://127.0.0.1:\(adminPort)")
        let arguments = ["serve"] + (isWhole ? ["all"] : roles.map(\.rawValue))
        let limited = ["-c", "ulimit -n \(openFiles ?? 0) && exec \"$0\" \"$@\"", try Shopctl.program()] + arguments
        command = Command(
            program: openFiles == nil ? try Shopctl.program() : "/bin/sh",
            arguments: openFiles == nil ? arguments : limited,
            environment: Shopctl.baseEnvironment.merging(settings) { _, own in own }, directory: "/")
        log = "\(directory)/\(isWhole ? "all" : roles.map(\.rawValue).joined(separator: "-")).log"
    }

    /// Starts it and returns when it is ready.
    func start() async throws {
        let started = try await ChildProcess.start(command, log: log)
        child.withLock { $0 = started }
        try await eventually("\(roles) is ready", timeout: .seconds(120), interval: .milliseconds(50)) {
            if let status = started.status { throw ServerEnded(text: "\(roles) ended (\(status)):\n\(logTail)") }
            return await isReady
        }
    }

    /// Whether it takes requests, by its own word.
    var isReady: Bool {
        get async { (try? await admin.send(.GET, "/readyz").status) == 200 }
    }

    /// What it has logged last.
    var logTail: String {
        String(decoding: readSmallFile(log) ?? [], as: UTF8.self).split(separator: "\n").suffix(40)
            .joined(separator: "\n")
    }

    /// All that it has logged.
    var logText: String { String(decoding: readSmallFile(log) ?? [], as: UTF8.self) }

    /// Kills it (`SIGKILL`) and returns when it has ended.
    func kill() async {
        guard let running = child.withLock({ $0 }) else { return }
        running.send(SIGKILL)
        await running.ended()
        child.withLock { $0 = nil }
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
    private static let given = Mutex<Set<Int>>([])

    static func next() throws -> Int {
        try given.withLock { given in
            let port = try FreePort.choose(avoiding: given)
            given.insert(port)
            return port
        }
    }
}
