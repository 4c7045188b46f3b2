import Crypto
import FoundationEssentials
import HTTPTypes
import Hosting
import Testing

@testable import Gateway

@Suite struct DocumentRouteTests {
    private let gateway: InProcessGateway

    init() throws {
        self.gateway = try InProcessGateway(peers: Peers(local: []))
    }

    @Test func theDocumentIsOpenToAllAndMayBeKept() async throws {
        let answer = try await gateway.call(.get, "/openapi.json")
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        #expect(answer.json["openapi"] == .string("3.1.0"))
        let tag = try #require(answer.headers[.eTag])
        #expect(answer.headers[.cacheControl] == "no-cache")
        #expect(try await gateway.call(.get, "/openapi.json").headers[.eTag] == tag)
        #expect(try await gateway.call(.get, "/docs").headers[.eTag] != tag)
    }

    @Test func thePageMayDoItsOwnThingsOnly() async throws {
        let answer = try await gateway.call(.get, "/docs")
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        let policy = try #require(answer.headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none'; "))
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
        for element in ["script", "style"] {
            let parts = answer.body.split(separator: "<\(element)>")
            #expect(parts.count == 2)
            let content = try #require(parts.last?.split(separator: "</\(element)>").first)
            let hash = Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
            #expect(policy.contains("\(element)-src 'sha256-\(hash)'"))
        }
        for foreign in ["http:", "https:", "src=", "eval(", " style=", "innerHTML"] {
            #expect(!answer.body.contains(foreign), "\(foreign)")
        }
    }
}
