import Hosting
import TestClients
import TestSupport
import Testing
import WebSockets

@testable import Gateway

/// How a WebSocket is opened over the network, and what refuses it.
@Suite("WebSocket: opening it", .timeLimit(.minutes(60)))
struct WebSocketHandshakeTests {
    @Test("Whatever is no acceptable upgrade has an answer that says why")
    func refusals() async throws {
        try await RunningGateway.with { gateway in
            let token = try await gateway.token()
            let bearer = ["Authorization": "Bearer \(token)"]
            let cases: [(path: String, fields: [String: String], status: Int, code: String)] = [
                ("/ws", ["Upgrade": "", "Connection": ""], 426, "upgrade_required"),
                ("/ws", ["Upgrade": "h2c"], 426, "upgrade_required"),
                ("/ws", ["Sec-WebSocket-Version": "8"], 426, "upgrade_required"),
                ("/ws", ["Sec-WebSocket-Key": "short"], 400, "invalid_field"),
                ("/ws", ["Sec-WebSocket-Key": ""], 400, "invalid_field"),
                ("/ws", [:], 401, "token_required"),
                ("/ws", ["Authorization": "Bearer nonsense"], 401, "token_malformed"),
                (
                    "/ws", ["Authorization": "Bearer \(try await gateway.token(ttl: .seconds(-60)))"], 401,
                    "token_expired"
                ),
                ("/ws", ["Sec-WebSocket-Protocol": "shop.notifications.v1, bearer.x"], 401, "token_malformed"),
                ("/ws", ["Sec-WebSocket-Protocol": "bearer.\(token)"], 400, "invalid_field"),
                ("/ws", bearer.merging(["Sec-WebSocket-Protocol": "chat"]) { $1 }, 400, "invalid_field"),
                (
                    "/ws", bearer.merging(["Sec-WebSocket-Protocol": "shop.notifications.v1, bearer.\(token)"]) { $1 },
                    401, "token_malformed"
                ),
                ("/ws?token=\(token)", bearer, 400, "token_in_url"),
                ("/ws?after=1&access_token=\(token)", bearer, 400, "token_in_url"),
                ("/ws?after=-1", bearer, 400, "invalid_field"),
                ("/ws?after=x", bearer, 400, "invalid_field"),
                ("/ws", bearer.merging(["Origin": "https://evil.example"]) { $1 }, 403, "origin_not_allowed"),
                ("/ws", bearer.merging(["Origin": "null"]) { $1 }, 403, "origin_not_allowed"),
                ("/nowhere", bearer, 404, "route_not_found"),
            ]
            for (path, fields, status, code) in cases {
                let answer = try await gateway.ask(WebSocketClient.request(path, gateway.address, fields))
                #expect(answer.status == status && answer.body.contains("\"code\":\"\(code)\""), "\(path): \(answer)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(answer.body.contains(answer.headers["x-request-id"] ?? "?"))
                #expect(!answer.body.contains(token) && !answer.headers.values.contains { $0.contains(token) })
                if status == 426 {
                    #expect(answer.headers["upgrade"] == "websocket")
                    #expect(answer.headers["sec-websocket-version"] == "13")
                }
                if status == 401 { #expect(answer.headers["www-authenticate"] != nil) }
            }
            #expect(gateway.sessions.count == 0)
            #expect(!gateway.log.lines.contains { $0.contains(token) })
        }
    }

    @Test("A page must be of the gateway's own origin or of an allowed one")
    func origins() async throws {
        try await RunningGateway.with(origins: ["https://shop.example"]) { gateway in
            let token = try await gateway.token()
            func open(_ fields: [String: String]) async throws -> Int {
                let all = fields.merging(["Authorization": "Bearer \(token)"]) { $1 }
                return try await gateway.ask(WebSocketClient.request("/ws", gateway.address, all)).status
            }
            #expect(try await open(["Origin": "https://shop.example"]) == 101)
            #expect(try await open(["Origin": "https://SHOP.example"]) == 101)
            #expect(try await open(["Origin": "http://\(gateway.address)"]) == 101)
            #expect(try await open(["Origin": "https://api.example", "Host": "api.example"]) == 101)
            #expect(try await open(["Origin": "https://api.example", "Host": "api.example:443"]) == 101)
            #expect(try await open([:]) == 101)
            #expect(try await open(["Origin": "http://shop.example"]) == 403)
            #expect(try await open(["Origin": "https://shop.example.evil.example"]) == 403)
            #expect(try await open(["Origin": "https://api.example:444", "Host": "api.example"]) == 403)
        }
        try await RunningGateway.with(origins: ["*"]) { gateway in
            let fields = ["Authorization": "Bearer \(try await gateway.token())", "Origin": "https://any.example"]
            #expect(try await gateway.ask(WebSocketClient.request("/ws", gateway.address, fields)).status == 101)
        }
    }

    @Test("A connection that has served requests can still become a WebSocket")
    func later() async throws {
        try await RunningGateway.with { gateway in
            let token = try await gateway.token()
            try await RawSocket.with(gateway.address) { socket in
                let plain = "GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n"
                try await socket.send(plain)
                #expect(await socket.answer()?.status == 200)
                // Pipelined: answers come in the order of the requests.
                let upgrade = WebSocketClient.request(
                    "/ws?after=0", gateway.address, ["Authorization": "Bearer \(token)"])
                try await socket.send(plain + upgrade)
                #expect(await socket.answer()?.status == 200)
                let client = try await WebSocketClient.opened(socket)
                try await client.hello()
                gateway.stub.write(7)
                #expect(try await client.sequences(1) == [1])
            }
        }
    }

    @Test("After a refused upgrade the connection ends, as its answer says")
    func refusedEnds() async throws {
        try await RunningGateway.with { gateway in
            try await RawSocket.with(gateway.address) { socket in
                try await socket.send(WebSocketClient.request("/ws", gateway.address))
                let answer = await socket.answer()
                #expect(answer?.status == 401 && answer?.headers["connection"] == "close")
                #expect(await socket.hasEnded())
            }
            // What comes behind it is dropped, and does not take the answer along.
            try await RawSocket.with(gateway.address) { socket in
                let flood = String(repeating: "x", count: 1 << 20)
                try await socket.send(WebSocketClient.request("/ws", gateway.address) + flood)
                let answer = await socket.answer()
                #expect(answer?.status == 401)
                #expect(await socket.hasEnded())
            }
            // The same for an upgrade that nobody offers: nothing behind it would be read.
            try await RawSocket.with(gateway.address) { socket in
                try await socket.send(WebSocketClient.request("/things", gateway.address))
                #expect(await socket.answer()?.status == 200)
                #expect(await socket.hasEnded())
            }
        }
    }

    @Test("HTTP is as it was: connections stay open, and what is not HTTP has its answer")
    func http() async throws {
        try await RunningGateway.with { gateway in
            try await RawSocket.with(gateway.address) { socket in
                for _ in 0..<3 {
                    try await socket.send("GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n")
                    #expect(await socket.answer()?.status == 200)
                }
                try await socket.send("nonsense\r\n\r\n")
                let answer = await socket.answer()
                #expect(answer?.status == 400 && answer?.body.contains("malformed_request") == true)
                #expect(await socket.hasEnded())
            }
        }
    }
}
