import Hosting
import TestClients
import TestSupport
import Testing

@testable import Gateway

/// Clients that keep a connection waiting or busy, over the network: every wait on them has an end.
@Suite("Connections: waits on clients", .timeLimit(.minutes(60)))
struct ConnectionTests {
    /// A way to go on sending without ever having said anything.
    struct Trickle: Sendable, CustomTestStringConvertible {
        let name: String
        /// What comes before; HOST stands for the gateway.
        let begin: String
        let part: String

        var testDescription: String { name }
    }

    private static let chunked = "POST /things HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n"
    static let trickles = [
        Trickle(name: "empty lines before a head", begin: "", part: "\r\n"),
        Trickle(name: "a head", begin: "GET /things HTTP/1.1\r\nHost: HOST\r\nX-Long: ", part: "a"),
        Trickle(name: "a request's target", begin: "GET /", part: "a"),
        Trickle(
            name: "a body", begin: "POST /things HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000000\r\n\r\n", part: " "),
        Trickle(name: "chunks", begin: chunked, part: "1\r\n \r\n"),
        Trickle(name: "a chunk's extension", begin: chunked + "1;", part: "x"),
        Trickle(name: "trailers", begin: chunked + "0\r\nX-Long: ", part: "x"),
        Trickle(
            name: "the body of a GET",
            begin: "GET /things HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000000000000\r\n\r\n", part: " "),
        Trickle(
            name: "a chunk's extension in a GET",
            begin: "GET /things HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n1;", part: "x"),
        Trickle(
            name: "requests behind the last one",
            begin: "GET /things HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
            part: "GET /things HTTP/1.1\r\nHost: HOST\r\n\r\n"),
        Trickle(
            name: "more behind a refused upgrade",
            begin: "GET /things HTTP/1.1\r\nHost: HOST\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            part: "x"),
        Trickle(name: "more behind what is no HTTP", begin: "nonsense\r\n\r\n", part: "x"),
    ]

    private static let never = Duration.seconds(3600)

    private func text(_ text: String, _ gateway: RunningGateway) -> String {
        text.replacing("HOST", with: gateway.address.description)
    }

    @Test("A byte now and then keeps no connection open", arguments: trickles)
    func total(trickle: Trickle) async throws {
        var connections = GatewayConnections.patient
        let pace = Pace(total: .milliseconds(300), grace: .milliseconds(300), bytesPerSecond: 1)
        connections.limits.head = pace
        connections.limits.body = pace
        connections.limits.end = .milliseconds(300)
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address) { socket in
                // It may be over already.
                if !trickle.begin.isEmpty { try? await socket.send(text(trickle.begin, gateway)) }
                _ = await socket.sendUntilClosed(text(trickle.part, gateway), every: .milliseconds(5))
            }
        }
    }

    @Test("Who sends too slowly is not heard to the end", arguments: trickles.prefix(7))
    func rate(trickle: Trickle) async throws {
        var connections = GatewayConnections.patient
        let pace = Pace(total: Self.never, grace: .milliseconds(300), bytesPerSecond: 1_000_000)
        connections.limits.head = pace
        connections.limits.body = pace
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address) { socket in
                if !trickle.begin.isEmpty { try? await socket.send(text(trickle.begin, gateway)) }
                _ = await socket.sendUntilClosed(text(trickle.part, gateway), every: .milliseconds(5))
            }
            try await eventually("it is logged") {
                gateway.log.lines.contains { $0.contains("keeps the server waiting") }
            }
        }
    }

    @Test("What has no end is not read on, however fast it comes", arguments: trickles)
    func flood(trickle: Trickle) async throws {
        try await RunningGateway.with(connections: .patient) { gateway in
            try await RawSocket.with(gateway.address) { socket in
                if !trickle.begin.isEmpty { try await socket.send(text(trickle.begin, gateway)) }
                let part = text(trickle.part, gateway)
                let many = String(repeating: part, count: (64 << 10) / part.utf8.count)
                let taken = await socket.sendUntilClosed(many)
                // Ours is 8 MiB; the rest is what the system holds for both sides.
                #expect(taken < 64 << 20)
            }
        }
    }

    @Test("Many fields, or a long one, are too much for a head and for trailers")
    func fields() async throws {
        try await RunningGateway.with(connections: .patient) { gateway in
            let fields = (0..<101).map { "X-\($0): a\r\n" }.joined()
            let long = "X: " + String(repeating: "a", count: 17 << 10) + "\r\n"
            for extra in [fields, long] {
                let head = "GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\(extra)\r\n"
                let refused = try await gateway.ask(head)
                #expect(refused.status == 400)
                let chunk = #"{"product_id":7}"#
                let body = text(Self.chunked, gateway) + "10\r\n\(chunk)\r\n0\r\n\(extra)\r\n"
                let cut = try await gateway.ask(body)
                #expect(cut.status == 400)
            }
        }
    }

    @Test("Silence ends a connection, before the first request and after an answer")
    func idle() async throws {
        var connections = GatewayConnections.patient
        connections.limits.idle = .milliseconds(200)
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address) { socket in
                #expect(await socket.hasEnded())
            }
            // On a busy machine the time may be over before the first request.
            try await eventually("a request is in time") {
                var isAnswered = false
                try? await RawSocket.with(gateway.address) { socket in
                    try await socket.send("GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n")
                    isAnswered = await socket.answer()?.status == 200
                    if isAnswered { #expect(await socket.hasEnded()) }
                }
                return isAnswered
            }
        }
    }

    @Test("A connection with an unread body is closed after its answer; one with a read or dropped body is not")
    func unreadBody() async throws {
        try await RunningGateway.with(connections: .patient) { gateway in
            try await RawSocket.with(gateway.address) { socket in
                let head = "POST /nowhere HTTP/1.1\r\nHost: \(gateway.address)\r\nContent-Length: 4\r\n\r\n"
                for _ in 0..<2 {
                    try await socket.send(head + "1234")
                    let answer = await socket.answer()
                    #expect(answer?.status == 404 && answer?.headers["connection"] == nil)
                }
                try await socket.send(head + "12")
                let answer = await socket.answer()
                #expect(answer?.status == 404 && answer?.headers["connection"] == "close")
                // The server's side has ended; ours has not.
                #expect(await socket.hasEnded())
            }
        }
    }

    @Test("An answer that nobody reads is cut")
    func unreadAnswer() async throws {
        var connections = GatewayConnections.patient
        connections.limits.answer = Pace(total: Self.never, grace: .milliseconds(300), bytesPerSecond: 1 << 30)
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address, window: 4096) { socket in
                try await socket.send("GET /large HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n")
                try await eventually("it is cut") {
                    gateway.log.lines.contains { $0.contains("keeps the server waiting") && $0.contains("answer") }
                }
                await socket.drain()
            }
        }
    }

    @Test("An answer that is taken in time is sent whole, the last one too")
    func wholeAnswer() async throws {
        var connections = GatewayConnections.patient
        connections.limits.answer = Pace(total: .seconds(120), grace: .seconds(60), bytesPerSecond: 250)
        try await RunningGateway.with(connections: connections) { gateway in
            for close in ["", "Connection: close\r\n"] {
                try await RawSocket.with(gateway.address) { socket in
                    try await socket.send("GET /large HTTP/1.1\r\nHost: \(gateway.address)\r\n\(close)\r\n")
                    #expect(await socket.answer()?.status == 200)
                    // 1024 chunks, each with its length before it, and the last one, which is empty.
                    #expect(await socket.bytes(1024 * ((64 << 10) + 9) + 5) != nil)
                    if !close.isEmpty { #expect(await socket.hasEnded()) }
                }
            }
        }
    }

    @Test("Requests behind each other are answered in their order, and only so many")
    func pipelining() async throws {
        var connections = GatewayConnections.patient
        connections.limits.pipelined = 8
        try await RunningGateway.with(connections: connections) { gateway in
            let request = "GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n"
            let missing = "GET /nowhere HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n"
            try await RawSocket.with(gateway.address) { socket in
                for _ in 0..<3 {
                    try await socket.send(request + missing + request)
                    for status in [200, 404, 200] { #expect(await socket.answer()?.status == status) }
                }
            }
            try await RawSocket.with(gateway.address) { socket in
                try await socket.send(String(repeating: request, count: 500))
                var answers: [RawAnswer] = []
                while answers.count < 500, let answer = await socket.answer() { answers.append(answer) }
                #expect(answers.count >= 9 && answers.count < 500)
                #expect(answers.allSatisfy { $0.status == 200 })
                #expect(answers.last?.headers["connection"] == "close")
            }
        }
    }

    @Test("What cannot be read behind requests is answered after them")
    func order() async throws {
        try await RunningGateway.with(connections: .patient) { gateway in
            try await RawSocket.with(gateway.address) { socket in
                let request = "GET /things HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n"
                try await socket.send(request + request + "nonsense\r\n\r\n" + request)
                for status in [200, 200, 400] { #expect(await socket.answer()?.status == status) }
                #expect(await socket.hasEnded())
            }
        }
    }

    @Test("A server that stops does not wait for clients that stall")
    func stop() async throws {
        var connections = GatewayConnections.patient
        connections.limits.stop = .milliseconds(200)
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address) { head in
                try await head.send("GET /things HTTP/1.1\r\nHost:")
                try await RawSocket.with(gateway.address) { body in
                    try await body.send(text(Self.trickles[3].begin, gateway) + "{")
                    try await RawSocket.with(gateway.address, window: 4096) { answer in
                        try await answer.send("GET /large HTTP/1.1\r\nHost: \(gateway.address)\r\n\r\n")
                        #expect(await answer.answer()?.status == 200)
                        try await RawSocket.with(gateway.address) { last in
                            try await last.send(text(Self.trickles[9].begin, gateway))
                            #expect(await last.answer()?.status == 200)
                            await gateway.stop()
                            try await eventually("the process has stopped") {
                                gateway.log.lines.contains { $0.hasPrefix("stopped") }
                            }
                        }
                        await answer.drain()
                    }
                }
            }
        }
    }
}
