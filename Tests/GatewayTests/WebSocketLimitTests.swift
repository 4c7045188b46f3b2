import Hosting
import NIOCore
import TestClients
import TestSupport
import Testing
import WebSockets

@testable import Gateway

/// How sessions end that have not broken any rule: their time, their number, their slowness, the server's stop.
@Suite("WebSocket: limits", .timeLimit(.minutes(60)))
struct WebSocketLimitTests {
    @Test("A session ends with its token")
    func expiry() async throws {
        try await RunningGateway.with { gateway in
            var ttl = Duration.seconds(1)
            // On a busy machine a token may be over before the session begins: the next one lives longer.
            try await eventually("a session begins") {
                let token = try await gateway.token(ttl: ttl)
                ttl *= 2
                var hasBegun = false
                try await RawSocket.with(gateway.address) { socket in
                    try await socket.send(
                        WebSocketClient.request("/ws", gateway.address, ["Authorization": "Bearer \(token)"]))
                    guard let client = await WebSocketClient.accepted(socket) else { return }
                    hasBegun = true
                    #expect(try await client.closeCode() == 4401)
                    try await client.sendClose(4401)
                    #expect(await client.socket.hasEnded())
                }
                return hasBegun
            }
        }
    }

    @Test("A client that takes nothing is cut off, and what waits for it is bounded")
    func slow() async throws {
        try await RunningGateway.with {
            $0.writeDeadline = .milliseconds(200)
            $0.closeDeadline = .milliseconds(100)
        } _: { gateway in
            // Far more than the system takes for a client that does not read.
            gateway.stub.write(7, 400, text: String(repeating: "x", count: 100_000))
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0", window: 4096) {
                client in
                try await eventually("the session is over") { gateway.sessions.count == 0 }
                try await eventually("it is logged why") { gateway.log.lines.contains { $0.contains("4408") } }
                _ = client
            }
        }
    }

    @Test("A client that is slow but takes what it is sent gets it all")
    func patient() async throws {
        try await RunningGateway.with {
            $0.queueMessages = 1
            $0.queueBytes = 1
        } _: { gateway in
            gateway.stub.write(7, 300, text: String(repeating: "x", count: 10_000))
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0", window: 4096) {
                client in
                try await client.hello()
                #expect(try await client.sequences(300) == Array(1...300))
            }
        }
    }

    @Test("The oldest of a user's sessions makes room")
    func perUser() async throws {
        try await RunningGateway.with {
            $0.sessionsPerUser = 2
        } _: { gateway in
            let token = try await gateway.token()
            try await WebSocketClient.with(gateway.address, token: token, path: "/ws?after=0") { first in
                try await WebSocketClient.with(gateway.address, token: token, path: "/ws?after=0") { second in
                    try await WebSocketClient.with(gateway.address, token: gateway.token(8), path: "/ws?after=0") {
                        other in
                        try await WebSocketClient.with(gateway.address, token: token, path: "/ws?after=0") { third in
                            #expect(try await first.closeCode() == 4409)
                            try await first.sendClose(4409)
                            try await eventually("the oldest is over") { gateway.sessions.count == 3 }
                            gateway.stub.write(7)
                            gateway.stub.write(8)
                            for client in [second, third, other] {
                                try await client.hello()
                                #expect(try await client.sequences(1) == [1])
                            }
                        }
                    }
                }
            }
            try await eventually("all are over") { gateway.sessions.count == 0 }
        }
    }

    @Test("A process has its limit")
    func perProcess() async throws {
        try await RunningGateway.with {
            $0.sessions = 1
        } _: { gateway in
            let token = try await gateway.token()
            try await WebSocketClient.with(gateway.address, token: token) { _ in
                let request = WebSocketClient.request("/ws", gateway.address, ["Authorization": "Bearer \(token)"])
                let answer = try await gateway.ask(request)
                #expect(answer.status == 503 && answer.body.contains("too_many_sessions"))
                #expect(answer.headers["retry-after"] == "1")
            }
            // The place is free again, and the refused request has not taken one.
            try await eventually("the session is over") { gateway.sessions.count == 0 }
            try await WebSocketClient.with(gateway.address, token: token) { client in
                try await client.hello()
            }
        }
    }

    @Test("A server that stops tells every session and waits for its answer")
    func shutdown() async throws {
        try await RunningGateway.with {
            $0.closeDeadline = .seconds(60)
        } _: { gateway in
            let token = try await gateway.token()
            try await WebSocketClient.with(gateway.address, token: token) { one in
                try await WebSocketClient.with(gateway.address, token: token) { other in
                    for client in [one, other] { try await client.hello() }
                    await gateway.stop()
                    for client in [one, other] {
                        #expect(try await client.closeCode() == 1001)
                        #expect(gateway.sessions.count > 0)
                        try await client.sendClose(1001)
                        #expect(await client.socket.hasEnded())
                    }
                }
            }
            try await eventually("the process has stopped") { gateway.log.lines.contains { $0.hasPrefix("stopped") } }
        }
    }

    @Test("A server that stops does not wait for a client that says nothing")
    func shutdownWithoutAnswer() async throws {
        try await RunningGateway.with {
            $0.closeDeadline = .milliseconds(50)
        } _: { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                try await client.hello()
                await gateway.stop()
                try await eventually("the process has stopped") {
                    gateway.log.lines.contains { $0.hasPrefix("stopped") }
                }
                #expect(try await client.closeCode() == 1001)
            }
        }
    }
}
