import Hosting
import TestClients
import TestSupport
import Testing

@testable import Gateway

/// What HTTP/1.1 asks of a server when a request's head has come, over the network.
@Suite("HTTP/1.1: heads of requests", .timeLimit(.minutes(60)))
struct RequestHeadTests {
    private static let body = #"{"product_id":7}"#

    /// A request that changes something, without its body.
    private func post(_ gateway: RunningGateway, version: String = "1.1", expect: String? = "100-continue") -> String {
        "POST /things HTTP/\(version)\r\nHost: \(gateway.address)\r\nContent-Length: \(Self.body.utf8.count)\r\n"
            + (expect.map { "Expect: \($0)\r\n" } ?? "") + "\r\n"
    }

    @Test("A client that waits with its body is told to go on, on every place of a connection")
    func expectation() async throws {
        try await RunningGateway.with { gateway in
            try await RawSocket.with(gateway.address) { socket in
                for expect in ["100-continue", "100-Continue"] {
                    try await socket.send(post(gateway, expect: expect))
                    let interim = await socket.answer()
                    #expect(interim?.status == 100 && interim?.headers.isEmpty == true)
                    try await socket.send(Self.body)
                    #expect(await socket.answer()?.status == 200)
                }
                try await socket.send("GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n")
                #expect(await socket.answer()?.status == 200)
            }
        }
    }

    @Test("It is not told into the answer of a request before")
    func order() async throws {
        try await RunningGateway.with { gateway in
            try await RawSocket.with(gateway.address) { socket in
                try await socket.send("GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n" + post(gateway))
                #expect(await socket.answer()?.status == 200)
                #expect(await socket.answer()?.status == 100)
                try await socket.send(Self.body)
                #expect(await socket.answer()?.status == 200)
            }
        }
    }

    @Test("Who does not wait is told nothing: the body has come, there is none, or it is HTTP/1.0")
    func noExpectation() async throws {
        try await RunningGateway.with { gateway in
            let requests = [
                post(gateway) + Self.body,
                post(gateway, expect: nil) + Self.body,
                "GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\nExpect: 100-continue\r\n\r\n",
            ]
            try await RawSocket.with(gateway.address) { socket in
                for request in requests {
                    try await socket.send(request)
                    #expect(await socket.answer()?.status == 200, "\(request)")
                }
            }
            try await RawSocket.with(gateway.address) { socket in
                // The head has been seen when the answer to what came before it is there.
                let get = "GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n"
                try await socket.send(get + post(gateway, version: "1.0"))
                #expect(await socket.answer()?.status == 200)
                try await socket.send(Self.body)
                #expect(await socket.answer()?.status == 200)
            }
        }
    }

    @Test("A connection that has been told to go on can still become a WebSocket")
    func upgrade() async throws {
        try await RunningGateway.with { gateway in
            let token = try await gateway.token()
            try await RawSocket.with(gateway.address) { socket in
                try await socket.send(post(gateway))
                #expect(await socket.answer()?.status == 100)
                try await socket.send(
                    Self.body + WebSocketClient.request("/ws", gateway.address, ["Authorization": "Bearer \(token)"]))
                #expect(await socket.answer()?.status == 200)
                let client = try await WebSocketClient.opened(socket)
                try await client.hello()
            }
        }
    }

    @Test("A request of HTTP/1.1 names its host, once", arguments: ["", "Host: a\r\nHost: a\r\n"])
    func host(_ hosts: String) async throws {
        try await RunningGateway.with { gateway in
            try await RawSocket.with(gateway.address) { socket in
                let good = "GET /things HTTP/1.1\r\nHost:\r\n\r\n"
                try await socket.send(good + "GET /things HTTP/1.1\r\n\(hosts)\r\n" + good)
                #expect(await socket.answer()?.status == 200)
                let answer = await socket.answer()
                #expect(answer?.status == 400 && answer?.body.contains("malformed_request") == true)
                #expect(answer?.headers["connection"] == "close")
                #expect(await socket.hasEnded())
            }
            #expect(try await gateway.ask("GET /things HTTP/1.0\r\n\r\n").status == 200)
        }
    }

    @Test(
        "A body whose end is unclear is refused, and each fault of the kind is named",
        arguments: [
            ("Content-Length: 16\r\nContent-Length: 17\r\n", body, "Content-Length is given more than once"),
            ("Content-Length: 16\r\nContent-Length: 16\r\n", body, "Content-Length is given more than once"),
            ("Content-Length: x\r\n", body, "Content-Length is not a number of bytes"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 16\r\n", body, "or stands beside Transfer-Encoding"),
            ("Content-Length: 16\r\nTransfer-Encoding: chunked\r\n", body, "or stands beside Content-Length"),
            ("Transfer-Encoding: chunked\r\n", "zz\r\n", "the body's chunks cannot be read"),
            ("Transfer-Encoding: chunked\r\n", "10\r\n\(body)xx", "the body's chunks cannot be read"),
        ])
    func framing(_ fields: String, _ body: String, _ detail: String) async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.ask(
                "POST /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\(fields)\r\n\(body)")
            #expect(answer.status == 400 && answer.body.contains("malformed_request"), "\(answer)")
            #expect(answer.body.contains(detail), "\(answer)")
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test("A field that could not be compared in good time is none")
    func marks() async throws {
        try await RunningGateway.with { gateway in
            func status(marks: Int) async throws -> Int? {
                let note = "e" + String(repeating: "\u{301}", count: marks)
                return try await gateway.ask("GET /things HTTP/1.1\r\nHost: a\r\nX-Note: \(note)\r\n\r\n").status
            }
            let (few, many) = (try await status(marks: 30), try await status(marks: 31))
            #expect(few == 200 && many == 400)
        }
    }
}
