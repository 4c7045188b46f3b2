import TestSupport
import Testing

@testable import Hosting

@Suite("Whatever comes over the wire, the process lives", .serialized)
struct GRPCFuzzTests {
    /// After each case the server has read it all, or has closed the connection; every so often a proper call is made.
    private func fuzz(_ name: String, _ make: @Sendable (inout SeededGenerator) -> [UInt8]) async throws {
        let run = FuzzRun(name, cases: 300)
        try await RunningHost.with { running in
            for number in 0..<run.cases {
                var generator = run.random(number)
                let bytes = make(&generator)
                try await RawHTTP2.with(running.address) { connection in
                    // A connection that the server has closed meanwhile takes no more.
                    try? await connection.send(bytes)
                    await connection.settle()
                }
                if number.isMultiple(of: 50) { try await running.expectToLive() }
            }
            try await running.expectToLive()
        }
    }

    @Test("Metadata and messages")
    func calls() async throws {
        try await fuzz("calls") { generator in
            GRPCFuzz.call(&generator) + RawHTTP2.ping
        }
    }

    @Test("Frames")
    func frames() async throws {
        try await fuzz("frames") { generator in
            // More than the longest frame: a frame that claims bytes which never come gets these.
            GRPCFuzz.frames(&generator) + (0..<1200).flatMap { _ in RawHTTP2.ping }
        }
    }
}
