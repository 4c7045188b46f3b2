import Hosting
import Logging
import NIOCore
import TestClients
import TestSupport
import Testing

@testable import Gateway

/// Bytes that no client should send: whatever they are, the gateway goes on. A trap would end the whole test run.
@Suite("Fuzz: the gateway's sockets", .timeLimit(.minutes(60)))
struct GatewayFuzzTests {
    private static let body =
        #"{"user_id":7,"items":[{"product_id":1,"quantity":2,"price":100}],"amount":5,"text":"a"}"#

    private static func requests(_ token: String) -> [[UInt8]] {
        let bearer = "Authorization: Bearer \(token)\r\n"
        func post(_ path: String, _ body: String = GatewayFuzzTests.body) -> String {
            "POST \(path) HTTP/1.1\r\nHost: a\r\n\(bearer)Content-Type: application/json\r\nIdempotency-Key: k\r\n"
                + "Prefer: wait=1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let texts: [String] = [
            "GET /api/products?limit=5&cursor=abc&q=%D1%87%D0%B0%D0%B9 HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /api/products/1 HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/\"abc\", \"d\"\r\nX-Request-Id: 1\r\n\r\n",
            "GET /api/notifications/7?after=3 HTTP/1.1\r\nHost: a\r\n\(bearer)\r\n",
            "HEAD /api/products/toys HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nAccess-Control-Request-Method: GET\r\n\r\n",
            "GET http://a:1/api/products?x=1#f HTTP/1.1\r\nHost: a\r\ntraceparent: "
                + "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /api/orders HTTP/1.1\r\nHost: a\r\n\(bearer)Transfer-Encoding: chunked\r\n\r\n"
                + "5;a=b\r\n{\"use\r\n2\r\nr_\r\n0\r\nX-Trailer: 1\r\n\r\n",
            "PATCH /api/products/1 HTTP/1.1\r\nHost: a\r\n\(bearer)If-Match: \"1\"\r\nContent-Length: 12\r\n\r\n"
                + #"{"amount":5}"#,
            post("/api/orders"), post("/api/cart"), post("/api/top-ups"), post("/api/products"),
            "GET /ws?after=0 HTTP/1.1\r\nHost: a\r\n\(bearer)Connection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        ]
        return texts.map { Array($0.utf8) }
    }

    /// Runs a gateway with all its routes, behind which nobody is.
    private func withGateway(_ body: @Sendable (HostPort, _ token: String) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let keys = SigningKeys.generate()
        let verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
        let peers = try Peers(local: [], options: .init(deadline: .milliseconds(500)))
        let server = GatewayServer(
            responder: GatewayRouter.responder(
                try InProcessGateway.routes(peers: peers, verifier: verifier),
                authenticator: Authenticator(verifier: verifier),
                logger: logger),
            address: HostPort(host: "127.0.0.1", port: 0), logger: logger)
        let token = try await TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop")
            .issue(subject: 7, role: .admin, ttl: .seconds(86_400)).token
        var assembly = RoleAssembly(.gateway)
        assembly.httpServer = server
        let host = RoleHost([assembly], peers: peers, verifier: nil, options: .init(), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            try await host.started()
            try await body(try await server.listeningAddress, token)
            await host.stop()
            try await group.waitForAll()
        }
    }

    /// Runs the cases, a few side by side, and sees after each hundred that the gateway still answers.
    private func run(
        _ run: FuzzRun, _ address: HostPort, _ one: @escaping @Sendable (inout SeededGenerator) async throws -> Void
    ) async throws {
        for start in stride(from: 0, to: run.cases, by: 100) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        for index in stride(from: start + lane, to: min(start + 100, run.cases), by: 4) {
                            var random = run.random(index)
                            // A connection may end while something is said on it.
                            try? await one(&random)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await RawSocket.with(address) { socket in
                try await socket.send("GET /docs HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await socket.answer()?.status == 200)
            }
        }
    }

    @Test("Requests with changed bytes: heads, bodies, tokens")
    func requests() async throws {
        try await withGateway { address, token in
            let requests = Self.requests(token)
            try await run(FuzzRun("requests", cases: 300), address) { random in
                var bytes: [UInt8] = []
                for _ in 0...random.below(3) { bytes += random.mutate(random.pick(requests)) }
                let split = random.below(bytes.count)
                let parts = random.chance(oneIn: 3) ? [bytes[..<split], bytes[split...]] : [bytes[...]]
                try await RawSocket.with(address) { socket in
                    for part in parts { try await socket.send(ByteBuffer(bytes: part)) }
                    await socket.finish()
                }
            }
        }
    }

    @Test("WebSocket frames of every kind and length")
    func frames() async throws {
        try await withGateway { address, token in
            try await run(FuzzRun("frames", cases: 300), address) { random in
                var bytes: [UInt8] = []
                for _ in 0...random.below(8) { bytes += Self.frame(&random) }
                if random.chance(oneIn: 3) { bytes = random.mutate(bytes) }
                let sent = bytes
                try await RawSocket.with(address) { socket in
                    let client = try await WebSocketClient.open(
                        socket, address, "/ws", ["Authorization": "Bearer \(token)"])
                    try await client.socket.send(ByteBuffer(bytes: sent))
                    await client.socket.finish()
                }
            }
        }
    }

    private static func frame(_ random: inout SeededGenerator) -> [UInt8] {
        let usual: [UInt8] = [0x00, 0x01, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A]
        let first = random.chance(oneIn: 2) ? random.pick(usual) : UInt8(truncatingIfNeeded: random.next())
        var payload: [UInt8] = []
        for _ in 0..<random.below(random.chance(oneIn: 4) ? 300 : 8) {
            payload.append(UInt8(truncatingIfNeeded: random.next()))
        }
        let mask: UInt8 = random.chance(oneIn: 8) ? 0 : 0x80
        let length = [UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        var bytes = [first]
        switch random.below(6) {
        case 0:
            bytes.append(mask | 126)
            bytes += length
        case 1:
            bytes.append(mask | 127)
            bytes += [UInt8](repeating: 0, count: 6)
            bytes += length
        case 2:
            let extremes: [UInt8] = [0, 0x7F, 0x80, 0xFF]
            bytes.append(mask | 127)
            for _ in 0..<8 { bytes.append(random.pick(extremes)) }
        default:
            bytes.append(mask | UInt8(min(payload.count, 125)))
        }
        if mask != 0 { bytes += [0, 0, 0, 0] }
        return bytes + payload
    }

    @Test("JSON texts with changed bytes")
    func json() throws {
        let run = FuzzRun("JSON", cases: 5_000)
        for index in 0..<run.cases {
            var random = run.random(index)
            _ = try? JSONParser.parse(random.mutate(Array(Self.body.utf8)))
        }
    }
}
