import NIOCore
import Synchronization
import TestClients
import TestSupport
import Testing

@testable import Hosting

@Suite("A connection to a gRPC listener is there for calls", .timeLimit(.minutes(60)))
struct RPCConnectionLimitTests {
    private static let day = Duration.seconds(86_400)

    /// Limits that no test reaches, unless it sets them.
    private static func limits(_ change: (inout RPCConnections) -> Void) -> RPCConnections {
        var limits = RPCConnections()
        (limits.firstBytes, limits.firstCall, limits.idle, limits.request) = (day, day, day, day)
        limits.farewell = .milliseconds(100)
        change(&limits)
        return limits
    }

    @Test("Who never makes a call loses it, whatever else it sends and whether it says goodbye or not")
    func neverCalled() async throws {
        try await RunningHost.with(connections: Self.limits { $0.firstCall = .milliseconds(100) }) { running in
            try await RawSocket.with(running.address) { socket in
                // It may be over already.
                try? await socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
                try? await socket.send("\0\0\u{8}\u{6}\0\0\0\0\0are you?")
                // Updates of the window, which the library does not count.
                _ = await socket.sendUntilClosed(
                    "\0\0\u{4}\u{8}\0\0\0\0\0\0\0\0\u{1}", every: .milliseconds(5))
            }
        }
    }

    @Test("Who makes no further call loses it")
    func idle() async throws {
        try await RunningHost.with(connections: Self.limits { $0.idle = .milliseconds(100) }) { running in
            try await RawHTTP2.with(running.address) { connection in
                try await connection.request(RunningHost.head)
                try await connection.send(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 0])
                #expect(try await connection.trailers()?["grpc-status"] == "0")
                try? await connection.send(RawHTTP2.ping)
                await connection.drain()
            }
        }
    }

    @Test("Who is at a call keeps it, however long that takes")
    func calling() async throws {
        var firstCall = Duration.milliseconds(150)
        // On a busy machine its time may be over before it has made one: the next one has more.
        try await eventually("a call is made in time") {
            firstCall *= 2
            return try await makesACall(within: firstCall)
        }
    }

    /// Whether a call is made in that time; one that is made is not interrupted.
    private func makesACall(within firstCall: Duration) async throws -> Bool {
        let gate = Gate()
        let stub = ReviewsStub(onList: { _ in await gate.wait() })
        let limits = Self.limits {
            $0.firstCall = firstCall
            $0.idle = .milliseconds(1)
        }
        let isMade = Atomic(false)
        try await RunningHost.with(stub, connections: limits) { running in
            defer { gate.open() }
            try await RawHTTP2.with(running.address) { connection in
                do {
                    try await connection.request(RunningHost.head)
                    try await connection.send(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 0])
                    try await connection.send(RawHTTP2.ping)
                } catch {
                    return
                }
                guard await connection.settle() else { return }
                isMade.store(true, ordering: .relaxed)
                // Another's time to make a first call passes meanwhile.
                try await RawHTTP2.with(running.address) { other in await other.drain() }
                gate.open()
                #expect(try await connection.trailers()?["grpc-status"] == "0")
            }
        }
        return isMade.load(ordering: .relaxed)
    }

    @Test("A peer that is sent away between two calls does not notice")
    func peers() async throws {
        let limits = Self.limits {
            $0.idle = .milliseconds(1)
            $0.farewell = .seconds(60)
        }
        try await RunningHost.with(connections: limits) { running in
            for _ in 0..<40 { try await running.expectToLive() }
            try await RawHTTP2.with(running.address) { connection in
                for stream: UInt32 in [1, 3] {
                    try await connection.request(RunningHost.head, stream: stream)
                    try await connection.send(type: 0, flags: 1, stream: stream, [0, 0, 0, 0, 0])
                    #expect(try await connection.trailers(of: stream)?["grpc-status"] == "0")
                    // The next call was on its way when it was sent away, since it has not yet said that it knows.
                    if stream == 1 { #expect(await connection.isSentAway()) }
                }
            }
        }
    }

    @Test("A request that does not come is no call", arguments: [[], [0, 0, 0, 0, 9, 1, 2]] as [[UInt8]])
    func request(begun: [UInt8]) async throws {
        try await RunningHost.with(connections: Self.limits { $0.request = .milliseconds(100) }) { running in
            try await RawHTTP2.with(running.address) { connection in
                try await connection.request(RunningHost.head)
                if !begun.isEmpty { try await connection.send(type: 0, stream: 1, begun) }
                #expect(try await connection.trailers()?["grpc-status"] == "4")
            }
            try await running.expectToLive()
        }
    }

    @Test("A request that ends without its message is answered", arguments: [[], [0, 0, 0, 0, 9, 1, 2]] as [[UInt8]])
    func requestOfNothing(begun: [UInt8]) async throws {
        try await RunningHost.with(connections: Self.limits { $0.request = .milliseconds(100) }) { running in
            try await RawHTTP2.with(running.address) { connection in
                let head = RawHTTP2.frame(type: 1, flags: 4, stream: 1, RawHTTP2.encode(RunningHost.head))
                try await connection.send(head + RawHTTP2.frame(type: 0, flags: 1, stream: 1, begun))
                // By us or by the library, in words or by the stream's end.
                let trailers = try await connection.trailers()
                #expect(trailers?["grpc-status"] != "0")
                try await connection.send(RawHTTP2.ping)
                #expect(await connection.settle(), "the connection has ended, and not the call")
            }
        }
    }

    @Test("An answer that its caller does not take does not stay")
    func answerNotTaken() async throws {
        try await RunningHost.with(connections: Self.limits { $0.request = .milliseconds(100) }) { running in
            try await RawHTTP2.with(running.address) { connection in
                // Streams may not carry a byte.
                try await connection.send(type: 4, [0, 4, 0, 0, 0, 0])
                try await connection.request(RunningHost.head)
                try await connection.send(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 0])
                #expect(await connection.isReset())
            }
            try await running.expectToLive()
        }
    }

    @Test("One address does not take all places")
    func perClient() async throws {
        try await RunningHost.with(connections: Self.limits { $0.perClient = 2 }) { running in
            /// Whether a connection is taken; the settings that a server begins with tell.
            func isTaken(_ source: String) async throws -> Bool {
                var isTaken = false
                try await RawSocket.with(running.address, from: source) { isTaken = await $0.bytes(9) != nil }
                return isTaken
            }
            try await RawSocket.with(running.address, from: "127.0.0.2") { one in
                try await RawSocket.with(running.address, from: "127.0.0.2") { two in
                    for socket in [one, two] { #expect(await socket.bytes(9) != nil) }
                    let another = try await isTaken("127.0.0.2")
                    let others = try await isTaken("127.0.0.3")
                    #expect(!another && others)
                }
            }
            try await eventually("its places are free again") { try await isTaken("127.0.0.2") }
        }
    }

    @Test("The first message is whole when its length has come")
    func firstMessage() {
        var message = FirstMessage()
        for part: [UInt8] in [[0], [0, 0], [0], [2, 7]] {
            message.take(ByteBuffer(bytes: part))
            #expect(!message.isWhole)
        }
        message.take(ByteBuffer(bytes: [7]))
        #expect(message.isWhole)
        var empty = FirstMessage()
        empty.take(ByteBuffer(bytes: [0, 0, 0, 0, 0]))
        #expect(empty.isWhole)
    }
}
