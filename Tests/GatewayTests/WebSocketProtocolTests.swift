import Hosting
import NIOCore
import TestClients
import TestSupport
import Testing
import WebSockets

@testable import Gateway

/// What is said on an open WebSocket besides notifications, and by whoever breaks its rules.
@Suite("WebSocket: the protocol", .timeLimit(.minutes(60)))
struct WebSocketProtocolTests {
    /// Opens a session, says something on it and expects the server to close with that code and then to end.
    private func expect(
        _ code: Int, _ gateway: RunningGateway, _ what: Comment, _ say: (WebSocketClient) async throws -> Void
    ) async throws {
        try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0") { client in
            try await client.hello()
            try await say(client)
            #expect(try await client.closeCode() == code, what)
            #expect(await client.socket.hasEnded(), what)
        }
    }

    @Test("Violations are answered by their codes")
    func violations() async throws {
        try await RunningGateway.with { gateway in
            let text = Array("hello".utf8)
            try await expect(1002, gateway, "unmasked") { try await $0.send(first: 0x81, text, masked: false) }
            try await expect(1002, gateway, "reserved bit") { try await $0.send(first: 0xC1, text) }
            try await expect(1002, gateway, "reserved opcode") { try await $0.send(first: 0x83, text) }
            try await expect(1002, gateway, "reserved control opcode") { try await $0.send(first: 0x8B, text) }
            try await expect(1002, gateway, "fragmented ping") { try await $0.send(first: 0x09, text) }
            try await expect(1002, gateway, "long ping") {
                try await $0.send(first: 0x89, Array(repeating: 65, count: 126))
            }
            try await expect(1002, gateway, "nothing to continue") { try await $0.send(first: 0x80, text) }
            try await expect(1002, gateway, "interrupted message") {
                try await $0.send(first: 0x01, text)
                try await $0.send(first: 0x81, text)
            }
            try await expect(1002, gateway, "half a close code") { try await $0.send(first: 0x88, [3]) }
            try await expect(1002, gateway, "a close code that is never sent") { try await $0.sendClose(1006) }
            try await expect(1007, gateway, "no UTF-8") { try await $0.send(first: 0x81, [0xC3, 0x28]) }
            try await expect(1007, gateway, "no UTF-8 in a reason") { try await $0.send(first: 0x88, [3, 0xE8, 0xFF]) }
        }
    }

    @Test("A message has at most 64 KiB, in one frame or in many")
    func length() async throws {
        try await RunningGateway.with { gateway in
            let limit = 64 << 10
            try await expect(1009, gateway, "one frame") {
                try await $0.send(first: 0x81, Array(repeating: 65, count: limit + 1))
            }
            try await expect(1009, gateway, "an announced frame, which is not waited for") {
                var head = ByteBuffer(bytes: [0x81, 0xFF])
                head.writeInteger(UInt64(1) << 40)
                head.writeInteger(UInt32(0))
                try await $0.socket.send(head)
            }
            try await expect(1009, gateway, "fragments") {
                try await $0.send(first: 0x01, Array(repeating: 65, count: limit))
                try await $0.send(first: 0x80, [65])
            }
            // The longest are fine, and so is a ping between fragments.
            try await expect(1000, gateway, "the longest") {
                try await $0.send(first: 0x81, Array(repeating: 65, count: limit))
                try await $0.send(first: 0x02, Array(repeating: 255, count: limit - 1))
                try await $0.send(first: 0x89, [1, 2])
                try await $0.send(first: 0x80, [255])
                #expect(try await $0.frame() == ServerFrame(opcode: 10, payload: [1, 2]))
                try await $0.sendClose(1000)
            }
        }
    }

    @Test("What clients say is ignored")
    func ignored() async throws {
        try await RunningGateway.with { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0") { client in
                try await client.sendText(#"{"subscribe":"everything"}"#)
                try await client.send(first: 0x8A, [1])
                gateway.stub.write(7)
                try await client.hello()
                #expect(try await client.sequences(1) == [1])
            }
        }
    }

    @Test("The closing handshake: the client's code comes back, and the server ends the connection")
    func closing() async throws {
        try await RunningGateway.with { gateway in
            try await expect(1000, gateway, "normal") { try await $0.sendClose(1000) }
            try await expect(4000, gateway, "its own") { try await $0.sendClose(4000) }
            try await expect(1005, gateway, "none") { try await $0.send(first: 0x88) }
            try await eventually("all are over") { gateway.sessions.count == 0 }
        }
    }

    @Test("A connection that just ends is noticed")
    func lost() async throws {
        try await RunningGateway.with { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                try await client.hello()
                #expect(gateway.sessions.count == 1)
            }
            try await eventually("the session is over") { gateway.sessions.count == 0 }
            try await eventually("it is logged as lost") { gateway.log.lines.contains { $0.contains("1006") } }
        }
    }

    @Test("Pings go to the client, and only one who answers stays")
    func pings() async throws {
        try await RunningGateway.with {
            $0.pingInterval = .milliseconds(10)
            $0.pongDeadline = .seconds(60)
        } _: { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0") { client in
                try await client.hello()
                for _ in 0..<3 {
                    let ping = try #require(try await client.frame())
                    #expect(ping.opcode == 9)
                    try await client.send(first: 0x8A, ping.payload)
                }
            }
        }
        try await RunningGateway.with {
            $0.pingInterval = .milliseconds(10)
            $0.pongDeadline = .milliseconds(50)
            $0.closeDeadline = .milliseconds(50)
        } _: { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                let code = try await client.closeCode()
                #expect(code == 1011)
                // The client does not take part in the closing handshake either.
                #expect(await client.socket.hasEnded())
            }
        }
    }
}
