import Glibc
import TestSupport
import Testing

@testable import DevStack

/// A `dev up` with the real program.
enum PrivateShop {
    /// A private shop as the body of a test gets it.
    struct Running {
        /// What `--ready-file` says.
        let status: JSON
        /// All that it has told so far.
        let told: String
    }

    private struct Ended: Error {
        let text: String
    }

    /// Runs `dev up`, and the body while it is ready.
    ///
    /// - Parameters:
    ///   - program: The program; nil for the one that is tested.
    ///   - directory: Its data's folder; log and ready file are beside it.
    ///   - failure: What it says at its end, with exit status 69, where the body has brought that about; nil if it is
    ///     stopped in order.
    static func run(
        _ options: [String], in directory: String, program: String? = nil, failure: String? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (Running) async throws -> Void
    ) async throws {
        let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
        let (ready, log) = (parent + "/ready.json", parent + "/log")
        let child = try await ChildProcess.start(
            Command(
                program: try program ?? Shopctl.program(),
                arguments: ["dev", "up", "--data-dir", directory, "--ready-file", ready] + options,
                environment: Shopctl.baseEnvironment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 },
                directory: "/"), log: log)
        func told() -> String { String(decoding: readSmallFile(log) ?? [], as: UTF8.self) }
        do {
            try await eventually("dev up is ready", timeout: .seconds(240), interval: .milliseconds(100)) {
                if let status = child.status { throw Ended(text: "\(status): \(told())") }
                return access(ready, F_OK) == 0
            }
            try await body(Running(status: try JSON(readSmallFile(ready) ?? []), told: told()))
        } catch {
            child.send(SIGTERM)
            await child.ended()
            throw error
        }
        if failure == nil { child.send(SIGTERM) }
        await child.ended()
        let ending = String(describing: child.status)
        #expect(ending.contains(failure == nil ? "exited(0)" : "exited(69)"), "\(told())")
        if let failure { #expect(told().contains(failure), "\(told())") }
    }
}
