import Hosting
import NIOCore
import TestClients
import TestSupport
import Testing
import WebSockets

@testable import Gateway

/// How much clients may send on a WebSocket.
@Suite("WebSocket: what a client sends", .timeLimit(.minutes(60)))
struct WebSocketRateTests {
    /// A frame by its first byte.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let first: UInt8
        var payload: [UInt8] = []
    }

    static let kinds = [
        Kind(testDescription: "texts", first: 0x81, payload: [0x61]),
        Kind(testDescription: "pings", first: 0x89),
        Kind(testDescription: "pongs", first: 0x8A),
        Kind(testDescription: "fragments of nothing", first: 0x00),
        Kind(testDescription: "few but long texts", first: 0x81, payload: [UInt8](repeating: 0x61, count: 60_000)),
    ]

    @Test("Too many frames end a session, whatever they are", arguments: kinds)
    func flood(kind: Kind) async throws {
        try await RunningGateway.with {
            $0.frameBurst = 20
            $0.framesPerSecond = 1
        } _: { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                try await client.hello()
                // The beginning of a message that never ends.
                if kind.first == 0 { try await client.send(first: 0x01) }
                for _ in 0..<40 { try? await client.send(first: kind.first, kind.payload) }
                // Whoever is still heard now is answered with the same code.
                try? await client.sendClose(1000)
                #expect(try await client.closeCode() == 1008)
            }
            try await eventually("the session is over") { gateway.sessions.count == 0 }
        }
    }

    @Test("Who sends no more than it may is left alone")
    func within() async throws {
        try await RunningGateway.with {
            $0.frameBurst = 1000
        } _: { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0") { client in
                try await client.hello()
                for index in 0..<300 { try await client.sendText("text \(index)") }
                gateway.stub.write(7)
                #expect(try await client.sequences(1) == [1])
            }
        }
    }

    @Test(
        "A token that names a time beyond all clocks opens a session",
        arguments: [10_000_000_000_000_000, Int64.max - 4_000_000_000])
    func farExpiry(seconds: Int64) async throws {
        try await RunningGateway.with { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token(ttl: .seconds(seconds))) { client in
                try await client.hello()
            }
        }
    }
}
