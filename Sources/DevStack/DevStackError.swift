/// The reason why a private stack could not be started, stopped or looked at.
public enum DevStackError: Error, Sendable, Equatable {
    /// Server programs are not installed.
    case missingPrograms([MissingProgram])
    /// Another process runs a stack on this directory.
    case alreadyRunning(directory: String, pid: Int32)
    /// No stack was ever started on this directory.
    case noStack(directory: String)
    /// The operation needs a stopped stack.
    case stillRunning(directory: String, pid: Int32)
    /// The directory cannot hold a stack; the text says why.
    case unusableDirectory(directory: String, reason: String)
    /// The state file cannot be read; the text says why.
    case unreadableState(path: String, reason: String)
    /// A server ended, or did not answer in time. `log` names its log file, `tail` holds that file's last lines.
    case serverFailed(ServerKind, reason: String, log: String, tail: String)
    /// A helper program (`initdb`, `psql`, `erl_call`) failed.
    case toolFailed(program: String, reason: String)
    /// The owner of the stack did not stop in time.
    case stopTimedOut(directory: String, pid: Int32)
    /// The system refused something; the text says what.
    case system(operation: String, reason: String)
    /// A server of this stack is not running.
    case notRunning(ServerKind)
    /// A name for a database or a virtual host has characters other than `a-z 0-9 _ - .`.
    case invalidName(String)
}

/// A program that was looked for and not found.
public struct MissingProgram: Sendable, Equatable {
    /// The program's file name.
    public let name: String
    /// The Debian package that installs it.
    public let package: String
}

extension DevStackError: CustomStringConvertible {
    /// One sentence for an operator; holds no secret.
    public var description: String {
        switch self {
        case .missingPrograms(let programs):
            var packages: [String] = []
            for program in programs where !packages.contains(program.package) { packages.append(program.package) }
            let names = programs.map { "\($0.name) (package \($0.package))" }.joined(separator: ", ")
            return "not installed: \(names); install with: apt-get install --no-install-recommends "
                + packages.joined(separator: " ")
        case .alreadyRunning(let directory, let pid):
            return "a stack already runs on \(directory), owned by process \(pid)"
        case .noStack(let directory):
            return "there is no stack on \(directory)"
        case .stillRunning(let directory, let pid):
            return "the stack on \(directory) is running, owned by process \(pid): stop it first"
        case .unusableDirectory(let directory, let reason):
            return "cannot use \(directory): \(reason)"
        case .unreadableState(let path, let reason):
            return "cannot read the state file \(path): \(reason)"
        case .serverFailed(let kind, let reason, let log, let tail):
            return "\(kind.displayName) \(reason); its log is \(log)" + (tail.isEmpty ? "" : ":\n\(tail)")
        case .toolFailed(let program, let reason):
            return "\(program) failed: \(reason)"
        case .stopTimedOut(let directory, let pid):
            return "process \(pid), which owns the stack on \(directory), did not stop in time"
        case .system(let operation, let reason):
            return "\(operation): \(reason)"
        case .notRunning(let kind):
            return "\(kind.displayName) is not running"
        case .invalidName(let name):
            return "invalid name \(name): use a-z, 0-9, '_', '-' and '.'"
        }
    }
}
