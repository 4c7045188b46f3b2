import HTTPTypes
import Hosting
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Testing

@testable import Gateway

@Suite("What stands before the routes")
struct ProtectionTests {
    private struct Source: RequestContextSource {
        let logger = Logger.silent
    }

    private func call(
        _ method: HTTPRequest.Method = .get, _ path: String = "/api/products/toys", headers: HTTPFields = [:],
        origins: [String] = [], proxies: [String] = [], from address: String? = "10.0.0.1"
    ) async throws -> (response: Response, body: String) {
        var table = RouteTable()
        table.get("/api/products/:product", .everyone) { _, context in
            .json(OneMember("product", context.parameters.get("product") ?? ""))
        }
        table.post("/api/products", .everyone) { _, _ in .json(StatusBody()) }
        table.get("/api/me", .signedIn) { _, _ in .json(StatusBody()) }
        table.get("/kept", .everyone) { _, _ in
            .json(StatusBody(), headers: [.cacheControl: "public, max-age=300", .eTag: #"W/"own""#])
        }
        table.get("/streamed", .everyone) { _, _ in
            Response(status: .ok, body: ResponseBody { writer in try await writer.finish(nil) })
        }
        var protection = Protection.none
        protection.origins = OriginPolicy(origins)
        protection.proxies = TrustedProxies(proxies.compactMap { AddressRange($0) })
        let verifier = try TokenVerifier(
            keys: SigningKeys.generate().publicKeys, issuer: "shopctl", audience: "shop")
        let responder = GatewayRouter.responder(
            table, authenticator: Authenticator(verifier: verifier), protection: protection, logger: .silent)
        let request = Request(
            head: HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
        let context = GatewayContext(unconnected: Source(), address: address)
        let response = try await responder.respond(to: request, context: context)
        return (response, try await ReadBody.text(of: response))
    }

    @Test("An answer's headers stand in their order: the route's, what it may be kept for, origins, and what all have")
    func order() async throws {
        let answer = try await call(headers: [.origin: front], origins: [front]).response
        #expect(
            answer.headers.map(\.name.rawName).filter { $0 != "Content-Length" } == [
                "Content-Type", "Cache-Control", "ETag", "Access-Control-Allow-Origin",
                "Access-Control-Expose-Headers", "Vary", "X-Content-Type-Options", "Content-Security-Policy",
                "Referrer-Policy", "X-Request-Id",
            ])
    }

    // MARK: - Entity tags

    private let catalogueControl = "public, max-age=1, stale-while-revalidate=4"

    @Test("What a client has is not sent again")
    func notModified() async throws {
        let full = try await call()
        #expect(full.response.status == .ok && full.body == #"{"product":"toys"}"#)
        let tag = try #require(full.response.headers[.eTag])
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
        #expect(full.response.headers[.cacheControl] == catalogueControl)
        for header in [tag, "W/\(tag)", #""a,b", \#(tag)"#, "*", #""x" ,W/\#(tag) , "y""#] {
            for method in [HTTPRequest.Method.get, .head] {
                let answer = try await call(method, headers: [.ifNoneMatch: header])
                #expect(answer.response.status == .notModified, "\(header)")
                #expect(answer.body.isEmpty && answer.response.headers[.eTag] == tag)
                #expect(answer.response.headers[.cacheControl] == catalogueControl)
                #expect(answer.response.headers[.contentType] == nil)
            }
        }
        for header in [#""other""#, tag.dropLast() + #"x""#, "", "nonsense", #"W/"""#, String(tag.dropLast())] {
            #expect(try await call(headers: [.ifNoneMatch: String(header)]).response.status == .ok, "\(header)")
        }
        let other = try await call(.get, "/api/products/shoes", headers: [.ifNoneMatch: tag])
        #expect(other.response.status == .ok && other.response.headers[.eTag] != tag)
        #expect(try await call(.head).response.headers[.eTag] == tag)
    }

    @Test("Only answers to reading that succeeded have a tag, and routes may have their own")
    func tags() async throws {
        #expect(try await call(.post, "/api/products").response.headers[.eTag] == nil)
        #expect(try await call(.post, "/api/products").response.headers[.cacheControl] == "no-store")
        let refused = try await call(.get, "/api/me", headers: [.ifNoneMatch: "*"]).response
        #expect(refused.status == .unauthorized && refused.headers[.eTag] == nil)
        #expect(refused.headers[.cacheControl] == "no-store")
        #expect(try await call(.get, "/streamed").response.headers[.eTag] == nil)
        let kept = try await call(.get, "/kept").response
        #expect(kept.headers[.eTag] == #"W/"own""# && kept.headers[.cacheControl] == "public, max-age=300")
        #expect(try await call(.get, "/kept", headers: [.ifNoneMatch: #""own""#]).response.status == .notModified)
    }

    // MARK: - Origins

    private let front = "https://shop.example"

    @Test("Pages of an allowed origin may ask beforehand, and read the answers")
    func cors() async throws {
        let preflight = try await call(
            .options, "/api/products",
            headers: [.origin: front, .accessControlRequestMethod: "POST"], origins: [front])
        #expect(preflight.response.status == .noContent && preflight.body.isEmpty)
        let headers = preflight.response.headers
        #expect(headers[.accessControlAllowOrigin] == front && headers[.vary] == "Origin")
        #expect(headers[.accessControlAllowMethods] == "POST")
        for name in ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer"] {
            #expect(headers[.accessControlAllowHeaders]?.contains(name) == true)
        }
        #expect(headers[.accessControlMaxAge] == "3600" && headers[.accessControlAllowCredentials] == nil)

        let answer = try await call(headers: [.origin: front], origins: ["https://other.example", front])
        #expect(answer.response.status == .ok)
        #expect(answer.response.headers[.accessControlAllowOrigin] == front)
        #expect(answer.response.headers[.vary] == "Origin")
        for name in [
            "Location", "ETag", "Idempotency-Replayed", "Preference-Applied", "RateLimit", "RateLimit-Policy",
            "Retry-After", "X-Request-Id",
        ] {
            #expect(answer.response.headers[.accessControlExposeHeaders]?.contains(name) == true)
        }
        // A page can read why it was refused.
        let problem = try await call(.get, "/nowhere", headers: [.origin: front], origins: [front]).response
        #expect(problem.status == .notFound && problem.headers[.accessControlAllowOrigin] == front)
        let everyone = try await call(headers: [.origin: "https://any.example"], origins: ["*"]).response
        #expect(everyone.headers[.accessControlAllowOrigin] == "*")
    }

    @Test(
        "Pages of other origins get no word of it",
        arguments: [
            "https://shop.example.evil", "http://shop.example", "https://shop.example:8443", "https://evil", "null",
            "*",
            "https://shop.example, https://evil",
        ])
    func foreignOrigins(origin: String) async throws {
        let preflight = try await call(
            .options, "/api/products",
            headers: [.origin: origin, .accessControlRequestMethod: "POST"], origins: [front])
        let answer = try await call(headers: [.origin: origin], origins: [front])
        #expect(answer.response.status == .ok)
        for headers in [preflight.response.headers, answer.response.headers] {
            #expect(!headers.contains { $0.name.rawName.lowercased().hasPrefix("access-control-") })
            #expect(headers[.vary] == "Origin")
        }
    }

    @Test("Without origins there is no trace of any")
    func noOrigins() async throws {
        let answer = try await call(headers: [.origin: front]).response
        #expect(answer.headers[.accessControlAllowOrigin] == nil && answer.headers[.vary] == nil)
        #expect(!OriginPolicy.none.allows(front) && !OriginPolicy.none.allows("*"))
    }

    @Test("The policy allows what is on the list, in any case, or everything")
    func policy() {
        let policy = OriginPolicy(["https://shop.example", "http://localhost:3000"])
        #expect(policy.allows("https://SHOP.example") && policy.allows("http://localhost:3000"))
        #expect(!policy.allows("http://localhost") && !policy.allows("") && !policy.allows("null"))
        #expect(OriginPolicy(["*"]).allows("https://any.example"))
    }

    // MARK: - Proxies

    @Test(
        "A client's address is the rightmost one that no trusted proxy has",
        arguments: [
            ("192.0.2.9", [], "192.0.2.9"),
            ("192.0.2.9", ["203.0.113.5"], "192.0.2.9"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
            ("10.0.0.1", ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
            ("10.0.0.1", ["198.51.100.1", "203.0.113.5, 10.9.9.9"], "203.0.113.5"),
            ("10.0.0.1", ["10.1.1.1,10.2.2.2"], "10.1.1.1"),
            ("10.0.0.1", ["203.0.113.5:4711"], "203.0.113.5"),
            ("10.0.0.1", ["[2001:db8::1]:80"], "2001:db8::1"),
            ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", ["203.0.113.5, unknown"], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.5, "], "203.0.113.5"),
            ("::ffff:10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ] as [(String, [String], String)])
    func forwarded(peer: String, values: [String], client: String) throws {
        let proxies = TrustedProxies([try #require(AddressRange("10.0.0.0/8"))])
        var headers = HTTPFields()
        for value in values { headers.append(HTTPField(name: .forwardedFor, value: value)) }
        #expect(proxies.client(peer: peer, headers) == client)
        #expect(TrustedProxies.none.client(peer: peer, headers) == peer)
    }

    @Test("Only who came by TLS, as a trusted proxy says, is told to stay with it")
    func transportSecurity() async throws {
        let https: HTTPFields = [.forwardedProto: "https"]
        let behind = try await call(headers: https, proxies: ["10.0.0.0/8"]).response
        #expect(behind.headers[.strictTransportSecurity] == "max-age=31536000")
        let claimed = try await call(headers: https, proxies: ["10.0.0.0/8"], from: "192.0.2.1").response
        #expect(claimed.headers[.strictTransportSecurity] == nil)
        let plain = try await call(headers: [.forwardedProto: "http"], proxies: ["10.0.0.0/8"]).response
        #expect(plain.headers[.strictTransportSecurity] == nil)
        #expect(try await call(headers: https).response.headers[.strictTransportSecurity] == nil)
    }
}
