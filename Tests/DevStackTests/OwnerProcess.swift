import Glibc
import TestSupport

@testable import DevStack

/// A stack owned by another process, `devstack-owner`, which a test may signal and kill.
struct OwnerProcess {
    let child: ChildProcess
    let directory: String
    let state: DevStackState
    private let output: String

    /// Starts the owner and waits until its stack is up.
    ///
    /// - Parameters:
    ///   - target: the stack's directory; `nil` for an ephemeral one.
    ///   - user: the account to run as, by number; `nil` for our own.
    static func start(
        _ target: String?, servers: [ServerKind] = [.postgres, .redis], user: UInt32? = nil,
        environment: [String: String] = [:]
    ) async throws -> OwnerProcess {
        let output = "/tmp/devstack-owner-\(randomHex(bytes: 6)).out"
        let arguments = ["--servers", servers.map(\.rawValue).joined(separator: ","), target ?? "--ephemeral"]
        var variables = ["PATH": "/usr/bin:/bin"]
        // Ephemeral stacks of one user find each other where both keep them.
        if user == nil, let place = getenv("TMPDIR") { variables["TMPDIR"] = String(cString: place) }
        var command = Command(
            program: try program(), arguments: arguments,
            environment: environment.merging(variables) { chosen, _ in chosen }, directory: "/")
        if let user {
            command.arguments =
                ["--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--", command.program] + arguments
            command.program = "/usr/bin/setpriv"
        }
        let child = try await ChildProcess.start(command, log: output)
        let line = try await eventuallyValue("the owner's stack", timeout: .seconds(120)) {
            String(decoding: readSmallFile(output) ?? [], as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("ready ") || $0.hasPrefix("failed ") }
                ?? (child.status == nil ? nil : "failed: the owner ended")
        }
        guard line.hasPrefix("ready ") else { throw OwnerFailed(text: String(line)) }
        let directory = String(line.dropFirst("ready ".count))
        return OwnerProcess(
            child: child, directory: directory, state: try DevStack.state(directory: directory), output: output)
    }

    /// Kills the owner, and its watchdog first if nobody is to clean up.
    func die(withWatchdog: Bool) async throws {
        if withWatchdog {
            let watchdogs = ProcessTable.marked(state.marker).filter { ProcessTable.command($0) == "sh" }
            for pid in watchdogs { kill(pid, SIGKILL) }
        }
        child.send(SIGKILL)
        await child.ended()
        unlink(output)
    }

    /// Tells the owner to stop, if nobody has yet, and waits until it has.
    func stop() async {
        child.send(SIGTERM)
        await child.ended()
        unlink(output)
    }

    /// The helper lies beside the tests' own program.
    private static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { throw OwnerFailed(text: "no directory in \(own)") }
        return own[..<slash] + "/devstack-owner"
    }
}

struct OwnerFailed: Error {
    let text: String
}

/// A directory for a lasting stack, deleted after the test.
func withStackDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = "/tmp/devstack-tests-\(randomHex(bytes: 6))"
    defer { removeTree(path) }
    return try await body(path)
}

/// A file's or directory's permissions; `nil` if it is not there.
func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}
