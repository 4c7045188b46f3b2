import ShopProtos
import TestClients
import TestSupport
import Testing

@testable import Hosting

@Suite("A server stops well whatever its callers do")
struct StoppingServerTests {
    @Test("Callers connect while it stops")
    func connecting() async throws {
        let target = Target()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                // Refused while nobody listens.
                group.addTask { await target.whileThere { try? await RawSocket.with($0) { _ in } } }
            }
            defer { target.end() }
            for _ in 0..<30 {
                try await RunningHost.with { running in
                    target.change(to: running.address)
                    try await running.expectToLive()
                }
                // Its port may be another test's by now.
                target.change(to: nil)
            }
        }
    }

    @Test("Who stays where they were sent away is refused, and told why; what has begun goes on")
    func staying() async throws {
        let gate = Gate()
        try await RunningHost.with(ReviewsStub(onList: { _ in await gate.wait() })) { running in
            defer { gate.open() }
            try await RawHTTP2.with(running.address) { connection in
                func call(_ stream: UInt32) async throws {
                    try await connection.request(RunningHost.head, stream: stream)
                    try await connection.send(type: 0, flags: 1, stream: stream, [0, 0, 0, 0, 0])
                }
                let server = try #require(running.host.listeners[.reviews] as? RoleServer)
                try await call(1)
                try await eventually("it is open") { server.calls.count == 1 }
                await running.host.stop()
                #expect(await connection.isSentAway())
                try await eventually("it stops") { server.calls.isStopping }
                try await call(3)
                let refusal = try await connection.trailers(of: 3)
                #expect(refusal?["grpc-status"] == "14" && refusal?[ServiceError.reasonMetadataKey] == "shutting_down")
                gate.open()
                #expect(try await connection.trailers()?["grpc-status"] == "0")
            }
        }
    }

    @Test("A call waits for its first message, and so it would for a day")
    func headOnly() async throws {
        var connections = RPCConnections()
        connections.request = .seconds(86_400)
        let gate = Gate()
        let begun = Gate()
        let stub = ReviewsStub(onList: { _ in
            begun.open()
            await gate.wait()
        })
        // It fails if open calls have to be cut off.
        try await RunningHost.with(stub, connections: connections) { running in
            try await RawHTTP2.with(running.address) { connection in
                try await connection.request(RunningHost.head)
                try await connection.send(RawHTTP2.ping)
                await connection.settle()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await running.reviews(.overNetwork).getProductReviews(.init()) }
                    await begun.wait()
                    // A head that is looked at later is refused.
                    let server = try #require(running.host.listeners[.reviews] as? RoleServer)
                    try await eventually("both calls are open") { server.calls.count == 2 }
                    await running.host.stop()
                    #expect(try await connection.trailers()?["grpc-status"] == "4")
                    // What has begun goes on to its end meanwhile.
                    gate.open()
                    try await group.waitForAll()
                }
            }
        }
    }
}
