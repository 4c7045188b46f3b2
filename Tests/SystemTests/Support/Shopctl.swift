import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import DevStack

/// What a command left behind.
struct CommandResult: Sendable, CustomStringConvertible {
    /// -1 if a signal ended it.
    let status: Int32
    let output: String
    let error: String

    /// Standard output as JSON; `.null` if it is none.
    var json: JSON { (try? JSON(output.utf8)) ?? .null }

    var description: String { "exit \(status)\nstdout: \(output)\nstderr: \(error)" }

    /// Expects this exit status.
    @discardableResult
    func expect(_ status: Int32, sourceLocation: SourceLocation = #_sourceLocation) -> CommandResult {
        #expect(self.status == status, "\(self)", sourceLocation: sourceLocation)
        return self
    }
}

/// The program that is tested.
enum Shopctl {
    /// The environment of every program that a test starts, beside its settings.
    static let baseEnvironment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]

    /// It lies beside the tests' own program.
    static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let directory = try #require(own.lastIndex(of: "/").map { own[..<$0] })
        return directory + "/shopctl"
    }

    /// Runs a command to its end.
    ///
    /// - Parameters:
    ///   - environment: The settings; secrets belong here, never into the arguments.
    ///   - input: Its standard input.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> CommandResult {
        let all = baseEnvironment.merging(environment) { _, own in own }
        var variables: [Environment.Key: String] = [:]
        for (name, value) in all {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let configuration = Configuration(
            executable: .path(FilePath(try program())), arguments: Arguments(arguments),
            environment: .custom(variables))
        let result = try await Subprocess.run(
            configuration, input: .fileDescriptor(try commandInput(input), closeAfterSpawningProcess: true),
            output: .string(limit: 8 << 20), error: .string(limit: 8 << 20))
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return CommandResult(status: status, output: result.standardOutput, error: result.standardError)
    }
}
