import Subprocess
import SystemPackage

/// Lines that a reader would paste into a terminal.
enum Shell {
    /// Runs a script with bash to its end.
    ///
    /// - Parameters:
    ///   - path: Folders that are searched for programs before the system's own.
    static func run(
        _ script: String, in directory: String = "/", path: [String] = [], environment: [String: String] = [:]
    ) async throws -> CommandResult {
        let all = Shopctl.baseEnvironment.merging(environment) { _, own in own }
            .merging(["PATH": (path + ["/usr/local/bin", "/usr/bin", "/bin"]).joined(separator: ":")]) { $1 }
        var variables: [Environment.Key: String] = [:]
        for (name, value) in all {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let result = try await Subprocess.run(
            .name("bash"), arguments: ["-c", script], environment: .custom(variables),
            workingDirectory: FilePath(directory), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return CommandResult(status: status, output: result.standardOutput, error: result.standardError)
    }
}
