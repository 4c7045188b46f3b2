import GRPCCore
import Telemetry
import Testing

@testable import Hosting

@Suite("The origin of a call, as its metadata tells it")
struct CallOriginTests {
    @Test("A bearer token is what follows the scheme, in whatever case that is")
    func bearerToken() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "bEaReR a.b.c"] {
            #expect(CallMetadata.bearerToken(in: value) == "a.b.c")
        }
        #expect(CallMetadata.bearerToken(in: "Bearer  a") == " a")
        for value in ["", "Bearer", "Bearer ", "Basic a.b.c", "Bearer:a.b.c", "a.b.c", " Bearer a.b.c"] {
            #expect(CallMetadata.bearerToken(in: value) == nil)
        }
    }

    @Test("Of several values the first counts, and binary ones are none")
    func firstValues() throws {
        var metadata: Metadata = [
            "authorization": "Bearer first", "authorization": "Bearer second", "x-request-id": "first",
            "x-request-id": "second", "traceparent": "nothing of that kind", "user-agent": "grpc",
        ]
        metadata.addBinary([1, 2, 3], forKey: "other-bin")
        let origin = CallOrigin(metadata)
        #expect(origin.token == "first")
        #expect(origin.requestID == "first")
        #expect(origin.trace == nil)
        #expect(origin.deadline == nil)
        let trace = TraceContext.root()
        #expect(CallOrigin(["traceparent": "\(trace)"]).trace == trace)
    }

    @Test("The time left that the server has noted itself comes before the library's timeout")
    func deadline() throws {
        let (short, long): (Metadata, Metadata) = (
            ["grpc-timeout": "1H"], ["grpc-timeout": "1H", "shop-time-left": "9H"]
        )
        let now = ContinuousClock.now
        #expect(try #require(CallOrigin(short).deadline) < now + .seconds(2 * 3600))
        #expect(try #require(CallOrigin(long).deadline) >= now + .seconds(9 * 3600))
    }
}
