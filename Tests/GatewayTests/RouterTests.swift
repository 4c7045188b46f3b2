import FoundationEssentials
import HTTPTypes
import Hosting
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// The router with everything that stands before the routes, in process and without any server.
@Suite struct RouterTests {
    private struct Source: RequestContextSource {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    }

    private struct Echo: JSONReadable {
        static let members = ["name"]

        let name: String

        init(_ json: JSONObject) throws(Problem) {
            self.name = try json.string("name")
        }
    }

    private struct Answer {
        let response: Response
        let body: String

        /// The member of that name, if the body is a JSON object and the member a string.
        func string(_ name: String) -> String? {
            guard case .object(let members) = try? JSONParser.parse(Array(body.utf8)),
                case .string(let text) = members[name]
            else { return nil }
            return text
        }
    }

    private struct Collector: ResponseBodyWriter {
        let buffer = SharedBuffer()

        func write(_ part: ByteBuffer) async throws { buffer.append(part) }
        func finish(_ trailers: HTTPFields?) async throws {}
    }

    private final class SharedBuffer: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func append(_ part: ByteBuffer) { bytes.withLock { $0.append(contentsOf: part.readableBytesView) } }
        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    }

    private let keys = SigningKeys.generate()

    private func call(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: String = ""
    ) async throws -> Answer {
        var table = RouteTable()
        table.get("/things/:id", .everyone) { _, context in
            .json(OneMember("id", try context.id("id")))
        }
        table.post("/things", .everyone) { request, _ in
            .json(OneMember("name", try await JSONBody.read(Echo.self, from: request).name))
        }
        table.get("/me", .signedIn) { _, _ in
            .json(OneMember("id", try Identity.required().subject))
        }
        table.get("/users/:user_id", .signedIn) { _, context in
            .json(OneMember("id", try context.ownedUserID()))
        }
        table.post("/admin", .roles([.admin])) { _, _ in
            .json(StatusBody())
        }
        table.get("/broken", .everyone) { _, _ in
            struct Secret: Error {}
            throw Secret()
        }
        let verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
        let responder = GatewayRouter.responder(
            table, authenticator: Authenticator(verifier: verifier), logger: Source().logger)
        let request = Request(
            head: HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body)))
        let response = try await responder.respond(to: request, context: GatewayContext(unconnected: Source()))
        let collector = Collector()
        try await response.body.write(collector)
        return Answer(response: response, body: collector.buffer.text)
    }

    private func token(
        _ subject: Int64, _ role: ShopRole = .customer, audience: String = "shop", ttl: Duration = .seconds(60),
        keys: SigningKeys? = nil
    ) async throws -> HTTPFields {
        let issuer = TokenIssuer(keys: keys ?? self.keys, issuer: "shopctl", audience: audience)
        let issued = try await issuer.issue(subject: subject, role: role, ttl: ttl)
        return [.authorization: "Bearer \(issued.token)"]
    }

    @Test func everyAnswerNamesItsRequestAndIsKeptByNobody() async throws {
        let answer = try await call(.get, "/things/5", headers: [.requestID: "mine"])
        #expect(answer.response.status == .ok)
        #expect(answer.body == #"{"id":5}"#)
        #expect(answer.response.headers[.requestID] == "mine")
        #expect(answer.response.headers[.cacheControl] == "no-store")
        #expect(answer.response.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test func nothingAtAPathIsAProblem() async throws {
        let answer = try await call(.get, "/nowhere", headers: [.requestID: "mine"])
        #expect(answer.response.status == .notFound)
        #expect(answer.response.headers[.contentType] == "application/problem+json")
        #expect(answer.response.headers[.requestID] == "mine")
        #expect(answer.string("code") == "route_not_found")
        #expect(answer.string("detail")?.contains("/docs") == true)
        #expect(answer.string("title") == "Not Found")
        #expect(answer.string("request_id") == "mine")
    }

    @Test func anotherMethodIsToldTheRightOnes() async throws {
        let answer = try await call(.put, "/things/5")
        #expect(answer.response.status == .methodNotAllowed)
        #expect(answer.response.headers[.allow] == "GET, HEAD")
        #expect(answer.string("code") == "method_not_allowed")
        let options = try await call(.options, "/things")
        #expect(options.response.status == .noContent)
        #expect(options.response.headers[.allow] == "POST, OPTIONS")
    }

    @Test func headIsGetWithoutABody() async throws {
        let answer = try await call(.head, "/things/5")
        #expect(answer.response.status == .ok)
        #expect(answer.body.isEmpty)
        #expect(answer.response.headers[.contentLength] == "8")
    }

    @Test func anUnknownErrorShowsNothing() async throws {
        let answer = try await call(.get, "/broken")
        #expect(answer.response.status == .internalServerError)
        #expect(answer.string("code") == "internal_error")
        #expect(!answer.body.contains("Secret"))
    }

    @Test func bodiesAreReadStrictly() async throws {
        let json: HTTPFields = [.contentType: "application/json; charset=UTF-8"]
        #expect(try await call(.post, "/things", headers: json, body: #"{"name":"x"}"#).body == #"{"name":"x"}"#)
        #expect(try await call(.post, "/things", body: #"{"name":"x"}"#).response.status == .ok)

        let text = try await call(.post, "/things", headers: [.contentType: "text/plain"], body: #"{"name":"x"}"#)
        #expect(text.response.status == .unsupportedMediaType)
        let latin = try await call(
            .post, "/things", headers: [.contentType: "application/json; charset=latin1"], body: "{}")
        #expect(latin.string("code") == "unsupported_media_type")
        #expect(try await call(.post, "/things", headers: json, body: "{").string("code") == "malformed_json")
        #expect(try await call(.post, "/things", headers: json, body: "{}").string("code") == "invalid_field")
    }

    @Test(arguments: [("gzip", 415), ("identity, br", 415), ("x", 415), ("identity", 200), ("Identity", 200)])
    func nothingIsUnpacked(_ encoding: String, _ status: Int) async throws {
        let answer = try await call(.post, "/things", headers: [.contentEncoding: encoding], body: #"{"name":"x"}"#)
        #expect(answer.response.status.code == status)
        #expect(answer.string("code") == (status == 415 ? "unsupported_content_encoding" : nil))
        #expect(answer.response.headers[.acceptEncoding] == (status == 415 ? "identity" : nil))
    }

    @Test func longBodiesAreNotRead() async throws {
        let long = #"{"name":""# + String(repeating: "x", count: JSONBody.limit) + #""}"#
        let answer = try await call(.post, "/things", body: long)
        #expect(answer.response.status == .contentTooLarge)
        #expect(answer.string("code") == "body_too_large")
        let announced = try await call(.post, "/things", headers: [.contentLength: "99999999"], body: "{}")
        #expect(announced.response.status == .contentTooLarge)
    }

    @Test func aTokenOpensWhatItIsFor() async throws {
        #expect(try await call(.get, "/me", headers: token(7)).body == #"{"id":7}"#)
        #expect(try await call(.get, "/users/7", headers: token(7)).response.status == .ok)
        #expect(try await call(.get, "/users/7", headers: token(1, .admin)).response.status == .ok)
        #expect(try await call(.post, "/admin", headers: token(1, .admin)).response.status == .ok)

        let other = try await call(.get, "/users/7", headers: token(8))
        #expect(other.response.status == .forbidden)
        #expect(other.string("code") == "not_owner")
        let customer = try await call(.post, "/admin", headers: token(7))
        #expect(customer.response.status == .forbidden)
        #expect(customer.string("code") == "role_required")
    }

    @Test func everyOtherTokenIsRefusedWithItsReason() async throws {
        let cases: [(HTTPFields, String)] = [
            ([:], "token_required"),
            ([.authorization: "Bearer nonsense"], "token_malformed"),
            // {"alg":"none","typ":"at+jwt"} . {}
            ([.authorization: "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30."], "token_wrong_algorithm"),
            (try await token(7, audience: "elsewhere"), "token_wrong_audience"),
            (try await token(7, ttl: .seconds(-3600)), "token_expired"),
            (try await token(7, keys: .generate()), "token_unknown_key"),
        ]
        for (headers, code) in cases {
            let answer = try await call(.get, "/me", headers: headers)
            #expect(answer.response.status == .unauthorized)
            #expect(answer.string("code") == code)
            #expect(answer.response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        }
    }

    @Test func aBadTokenDoesNotCloseWhatIsOpenToEveryone() async throws {
        let answer = try await call(.get, "/things/5", headers: [.authorization: "Bearer nonsense"])
        #expect(answer.response.status == .ok)
    }
}
