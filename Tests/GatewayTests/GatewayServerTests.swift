import AsyncHTTPClient
import Hosting
import Logging
import NIOCore
import NIOHTTP1
import Postgres
import Redis
import TestSupport
import Testing

@testable import Gateway

/// The gateway as it is put together for a process, over the network.
@Suite("The gateway over the network")
struct GatewayServerTests {
    /// Runs a gateway whose services all are at one port.
    private func withGateway(
        peersAt port: Int, deadline: Duration, _ options: GatewayOptions = .init(),
        _ body: @Sendable (_ url: String) async throws -> Void
    ) async throws {
        try await withFixture { fixture in
            let corner = fixture.redis()
            var redisConfiguration = try RedisConfiguration(url: corner.url)
            redisConfiguration.keyPrefix = corner.keyPrefix
            redisConfiguration.commandTimeout = .seconds(60)
            redisConfiguration.connectTimeout = .seconds(60)
            let redis = RedisClient(configuration: redisConfiguration, logger: .silent)
            fixture.atEnd { await redis.close() }
            let nobody = HostPort(host: "127.0.0.1", port: port)
            let addresses = Dictionary(uniqueKeysWithValues: Role.servers.map { ($0, [nobody]) })
            let peers = try Peers(local: [], options: .init(addresses: addresses, deadline: deadline))
            let keys = SigningKeys.generate()
            let context = RoleContext(
                .gateway, roles: [.gateway],
                configuration: try ShopConfiguration(flags: ["gateway.listen": "127.0.0.1:0"], environment: [:]),
                database: PostgresClient(
                    configuration: try PostgresConfiguration(url: try await fixture.database().url), logger: .silent),
                redis: redis, peers: peers,
                verifier: try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop"),
                logger: .silent)
            let assembly = GatewayRole.assemble(
                context, issuer: TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop"), options: options)
            let host = RoleHost([assembly], peers: peers, verifier: nil, options: .init(), logger: .silent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await host.run() }
                try await host.started()
                let address = try #require(try await host.listeningAddress(of: .gateway))
                let result: Result<Void, any Error>
                do { result = .success(try await body("http://\(address)")) } catch { result = .failure(error) }
                await host.stop()
                try await group.waitForAll()
                try result.get()
            }
        }
    }

    private func get(_ url: String, headers: [(String, String)] = []) async throws -> (HTTPClientResponse, String) {
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(5))
        return (response, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    @Test("A service that is down is a 503 at once, long before its calls' deadline")
    func down() async throws {
        let nobody = try DeafPort()
        // Far longer than the test may take: an answer that comes does not come of it.
        try await withGateway(peersAt: nobody.port, deadline: .seconds(3600)) { url in
            for path in ["/api/products/1", "/api/products/1/reviews"] {
                let (answer, body) = try await get(url + path)
                #expect(answer.status == .serviceUnavailable)
                #expect(body.contains(#""code":"peer_unavailable""#) && !body.contains("127.0.0.1"))
                #expect(answer.headers.first(name: "Retry-After") == "1")
                #expect(answer.headers.first(name: "Content-Type") == "application/problem+json")
            }
        }
    }

    @Test("A service that does not answer is given up at the deadline")
    func silent() async throws {
        let mute = try DeafPort(isListening: true)
        try await withGateway(peersAt: mute.port, deadline: .milliseconds(300)) { url in
            let (answer, body) = try await get(url + "/api/products/1")
            // No connection was ever made: nothing was sent.
            #expect(answer.status == .serviceUnavailable && body.contains("\"code\":\"peer_unavailable\""), "\(body)")
            #expect(answer.headers.first(name: "Retry-After") == "1")
        }
    }

    @Test("The role heeds its limits, its origins and its proxies")
    func options() async throws {
        var options = GatewayOptions()
        options.rateLimit = 2
        options.corsOrigins = ["https://shop.example"]
        options.trustedProxies = try [#require(AddressRange("127.0.0.1"))]
        let nobody = try DeafPort()
        try await withGateway(peersAt: nobody.port, deadline: .seconds(3600), options) { url in
            let headers = [
                ("Origin", "https://shop.example"), ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https"),
            ]
            let path = "/.well-known/jwks.json"
            let (first, _) = try await get(url + path, headers: headers)
            #expect(first.status == .ok)
            #expect(first.headers.first(name: "Access-Control-Allow-Origin") == "https://shop.example")
            #expect(first.headers.first(name: "RateLimit-Policy") == #""default";q=2;w=60"#)
            #expect(first.headers.first(name: "Strict-Transport-Security") != nil)
            let tag = try #require(first.headers.first(name: "ETag"))
            let (second, body) = try await get(url + path, headers: headers + [("If-None-Match", tag)])
            #expect(second.status == .notModified && body.isEmpty)
            #expect(second.headers.first(name: "Cache-Control") == "public, max-age=300")
            // One more every half minute is let in: on a slow machine the third may be.
            let refused = try await eventuallyValue("too many are refused") {
                let (answer, _) = try await get(url + path, headers: headers)
                return answer.status == .tooManyRequests ? answer : nil
            }
            #expect(refused.headers.first(name: "Retry-After") != nil)
            let (other, _) = try await get(url + path, headers: [("X-Forwarded-For", "192.0.2.2")])
            #expect(other.status == .ok)
        }
    }
}
