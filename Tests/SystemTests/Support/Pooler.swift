import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import DevStack

/// A private PgBouncer before the servers of a test.
struct Pooler {
    /// Where it listens.
    let port: Int

    /// The URL of a database through the pooler.
    func url(_ database: String) -> String { "postgres://anybody:s3cr3t@127.0.0.1:\(port)/\(database)" }

    /// Runs the body with a pooler.
    ///
    /// - Parameters:
    ///   - mode: `session`, `transaction` or `statement`.
    ///   - passesOptions: Whether it lets connections start with options, which it then drops.
    static func run(
        mode: String, passesOptions: Bool = true, before state: DevStackState,
        isolation: isolated (any Actor)? = #isolation, _ body: (Pooler) async throws -> Void
    ) async throws {
        let directory = "/tmp/shopctl-pooler-\(randomHex(bytes: 6))"
        try makeDirectory(directory, mode: 0o700)
        defer { removeTree(directory) }
        let port = try Ports.next()
        let server = state.postgres
        let lines = [
            "[databases]",
            "* = host=\(server.host) port=\(server.port) user=\(server.user) password=\(server.password)",
            "[pgbouncer]", "listen_addr = 127.0.0.1", "listen_port = \(port)", "auth_type = any",
            "pool_mode = \(mode)", "unix_socket_dir =", "server_tls_sslmode = disable",
            passesOptions ? "ignore_startup_parameters = options" : "",
            // It refuses to run as root.
            geteuid() == 0 ? "user = postgres" : "",
        ]
        try writeFileAtomically(
            directory + "/pgbouncer.ini", Array((lines.joined(separator: "\n") + "\n").utf8), mode: 0o600)
        let child = try await ChildProcess.start(
            Command(
                program: "/usr/sbin/pgbouncer", arguments: [directory + "/pgbouncer.ini"],
                environment: Shopctl.baseEnvironment.merging([DevStackState.markerVariable: state.marker]) { $1 },
                directory: "/"), log: directory + "/log")
        do {
            try await eventually("the pooler listens") {
                if let status = child.status { throw PoolerEnded(text: "\(status) \(logText(directory + "/log"))") }
                return Probe(port: port).accepts()
            }
            try await body(Pooler(port: port))
        } catch {
            child.send(SIGKILL)
            await child.ended()
            throw error
        }
        child.send(SIGKILL)
        await child.ended()
    }

    private static func logText(_ path: String) -> String {
        String(decoding: readSmallFile(path) ?? [], as: UTF8.self)
    }
}

private struct PoolerEnded: Error {
    let text: String
}
